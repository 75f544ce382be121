import { changeSite, SiteInput, type Asset, type Site } from '@tidemark/core/sites/contract.ts'
import type { Device } from '@tidemark/core/telemetry/contract.ts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { allowedTo } from '../lib/rights.ts'
import { DeviceForm } from '../telemetry/DeviceForm.tsx'
import { DeviceRows } from '../telemetry/DeviceRows.tsx'
import { devicesQuery } from '../telemetry/queries.ts'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { Empty } from '../ui/Rows.tsx'
import { siteQuery } from './queries.ts'
import type { SitePartProps } from './SitePage.tsx'

const deviceKindOf: Record<Asset['kind'], Device['kind']> = {
  pv_inverter: 'pv_inverter',
  battery: 'battery',
  meter: 'meter',
  genset: 'genset',
  hvac: 'hvac',
  charger: 'charger',
  turbine: 'wind_turbine',
}

/** The devices of a site: how they are, and another one. */
export function SiteDevicesPart({ site }: SitePartProps) {
  const { t, language } = useWords()
  const asked = useQuery(devicesQuery(site.id))
  const manage = allowedTo('telemetry.manage', useMe(), language)
  const devices = asked.data?.devices
  return (
    <>
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {devices && <Unknown site={site} devices={devices} />}
      {devices?.length === 0 && <Empty>{t('sites.devices.none')}</Empty>}
      {devices && devices.length > 0 && <DeviceRows devices={devices} />}
      <Section title={t('sites.devices.add')} says={t('sites.devices.addSays')} id="add">
        {manage.allowed ? <AddToSite site={site} /> : <Refusal allowed={manage} />}
      </Section>
    </>
  )
}

/** Assets that nothing tells of, and names that no device sends under: the figures of the site miss them. */
function Unknown({ site, devices }: SitePartProps & { devices: readonly Device[] }) {
  const { t, language } = useWords()
  const known = new Set(devices.map(({ sensor_id }) => sensor_id))
  const untold = site.assets.filter(({ sensor_ids }) => !sensor_ids.some((id) => known.has(id)))
  if (untold.length === 0) return null
  const names = new Intl.ListFormat(language, { type: 'conjunction' }).format(untold.map(({ name }) => name))
  return (
    <p className="mb-4 rounded-card border border-sand bg-sand-wash p-4">
      {t('sites.devices.untold', { names, count: untold.length })}
    </p>
  )
}

function AddToSite({ site }: { site: Site }) {
  const client = useQueryClient()
  const kindOf = (asset_id: string) => {
    const asset = site.assets.find((each) => each.asset_id === asset_id)
    return asset === undefined ? 'other' : deviceKindOf[asset.kind]
  }
  return (
    <DeviceForm
      key={site.changed_at}
      site_id={site.id}
      belongs={{ options: site.assets.map(({ asset_id, name }) => ({ value: asset_id, text: name })), kindOf }}
      onAdded={async ({ sensor_id }, asset_id) => {
        if (asset_id === '') return
        const { id } = site
        const assets = site.assets.map((asset) =>
          asset.asset_id !== asset_id || asset.sensor_ids.includes(sensor_id)
            ? asset
            : { ...asset, sensor_ids: [...asset.sensor_ids, sensor_id] },
        )
        const changed = await call(changeSite, { ...SiteInput.strip().parse(site), id, assets })
        client.setQueryData(siteQuery(id).queryKey, changed)
        void client.invalidateQueries({ queryKey: ['sites', 'metrics', id] })
      }}
    />
  )
}
