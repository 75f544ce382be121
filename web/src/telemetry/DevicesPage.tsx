import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Command } from '../ui/Copyable.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Page, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { Empty } from '../ui/Rows.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { DeviceForm } from './DeviceForm.tsx'
import { DeviceRows } from './DeviceRows.tsx'
import { devicesQuery } from './queries.ts'

/** Every device of the organisation, on a site or not. */
export function DevicesPage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('telemetry.title')}>
      <Page title={t('telemetry.title')} lead={t('telemetry.says')}>
        <Link to={paths.sites} className="link">
          ← {t('telemetry.toSites')}
        </Link>
        <Devices />
      </Page>
    </InOrganisation>
  )
}

function Devices() {
  const { t, language } = useWords()
  const client = useQueryClient()
  const asked = useQuery(devicesQuery())
  const allowed = allowedTo('telemetry.manage', useMe(), language)
  return (
    <>
      <div className="mt-6">
        {asked.isPending && <Loading />}
        {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
        {asked.data?.devices.length === 0 && (
          <Empty>
            <p>{t('telemetry.none')}</p>
            <div className="mx-auto mt-4 max-w-2xl text-left">
              <Command
                text={`npx tidemark simulate sensors --url ${location.origin} --days 30`}
                label={t('telemetry.play')}
              />
            </div>
          </Empty>
        )}
        {asked.data && asked.data.devices.length > 0 && <DeviceRows devices={asked.data.devices} />}
        {asked.data?.next && <p className="mt-3 text-soft">{t('telemetry.more')}</p>}
      </div>
      <Section title={t('telemetry.form.title')} says={t('telemetry.form.says')} id="add">
        {allowed.allowed ? (
          <DeviceForm site_id={null} onAdded={() => client.invalidateQueries({ queryKey: ['telemetry'] })} />
        ) : (
          <Refusal allowed={allowed} />
        )}
      </Section>
    </>
  )
}
