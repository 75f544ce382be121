import type { Asset, Site } from '@tidemark/core/sites/contract.ts'
import { isMaintained, type MaintainedAsset } from '@tidemark/core/sites/maintenance.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { SimulatedTag } from '../telemetry/SimulatedTag.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Page, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { Empty } from '../ui/Rows.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { BearingForm } from './BearingForm.tsx'
import { siteQuery, waveformsQuery } from './queries.ts'
import { WaveformForm } from './WaveformForm.tsx'
import { WaveformRows } from './WaveformRows.tsx'
import { WaveformTrend } from './WaveformTrend.tsx'
import { WaveformView } from './WaveformView.tsx'

const route = getRouteApi(paths.vibration)

/** What an asset sounds like: recordings of its vibration, what was found in each, and where that is heading. */
export function VibrationPage() {
  const { t } = useWords()
  const { id, asset } = route.useParams()
  return (
    <InOrganisation title={t('sites.vibration.title')}>
      <OfSite key={`${id} ${asset}`} id={id} asset_id={asset} />
    </InOrganisation>
  )
}

function OfSite({ id, asset_id }: { id: string; asset_id: string }) {
  const { t } = useWords()
  const asked = useQuery(siteQuery(id))
  if (asked.isPending) return <Loading />
  const asset = asked.data?.assets.filter(isMaintained).find((each) => each.asset_id === asset_id)
  if (asked.data && asset) return <OfAsset site={asked.data} asset={asset} />
  return (
    <Page title={t('sites.vibration.title')}>
      {asked.error ? (
        <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
      ) : (
        <Empty>{t('sites.vibration.noAsset')}</Empty>
      )}
      <Link to={paths.sites} className="button button-plain mt-4">
        {t('sites.back')}
      </Link>
    </Page>
  )
}

function OfAsset({ site, asset }: { site: Site; asset: MaintainedAsset }) {
  const { t, language } = useWords()
  const me = useMe()
  const { at } = route.useSearch()
  const asked = useQuery(waveformsQuery(site.id, asset.asset_id))
  const send = allowedTo('telemetry.ingest', me, language)
  const waveforms = asked.data?.waveforms ?? []
  const shown = waveforms.find(({ id }) => id === at) ?? waveforms[0]
  return (
    <Page
      wide
      title={t('sites.vibration.of', { name: asset.name })}
      lead={
        <p className="flex flex-wrap items-center gap-x-3 text-base">
          <Link to={paths.site} params={{ id: site.id }} search={{ part: 'maintenance' }} className="link">
            ← {t('sites.vibration.back', { site: site.name })}
          </Link>
          <span>{t(`sites.kind.${asset.kind}`)}</span>
          {site.simulated && <SimulatedTag />}
        </p>
      }
    >
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && waveforms.length === 0 && <Empty>{t('sites.vibration.none')}</Empty>}
      {shown && <WaveformView key={shown.id} site={site} waveform={shown} has_bearing={bearingOf(asset) !== null} />}
      {waveforms.length > 1 && <WaveformTrend site={site} waveforms={waveforms} />}
      {shown && asked.data && (
        <Section title={t('sites.vibration.all')} id="recordings">
          <WaveformRows site={site} asset_id={asset.asset_id} shown={shown.id} {...asked.data} />
        </Section>
      )}
      <Section title={t('sites.vibration.add')} says={t('sites.vibration.addSays')} id="add">
        {send.allowed ? <WaveformForm site={site} asset_id={asset.asset_id} /> : <Refusal allowed={send} />}
      </Section>
      {asset.kind === 'turbine' && (
        <Section title={t('sites.form.bearing')} says={t('sites.vibration.bearingSays')} id="bearing">
          <BearingForm site={site} asset={asset} />
        </Section>
      )}
    </Page>
  )
}

function bearingOf(asset: Asset) {
  return asset.kind === 'turbine' ? (asset.bearing ?? null) : null
}
