import { changeDevice, type Device, type Series } from '@tidemark/core/telemetry/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { deviceKindName } from '../lib/device-kinds.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Confirm } from '../ui/Dialog.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Page, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton, Refusal } from '../ui/Refusal.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { DeviceEdit } from './DeviceEdit.tsx'
import { DeviceQuality } from './DeviceQuality.tsx'
import { HealthTag } from './DeviceRows.tsx'
import { HowToSend } from './HowToSend.tsx'
import { measureName, sensorUnit } from './names.ts'
import { deviceQuery } from './queries.ts'
import { SeriesQuality } from './SeriesQuality.tsx'
import { SimulatedTag } from './SimulatedTag.tsx'
import { ValidatedBatches } from './ValidatedBatches.tsx'

const route = getRouteApi(paths.device)

export function DevicePage() {
  const { t } = useWords()
  const { id } = route.useParams()
  return (
    <InOrganisation title={t('telemetry.title')}>
      <OneDevice key={id} id={id} />
    </InOrganisation>
  )
}

function OneDevice({ id }: { id: string }) {
  const { t, language } = useWords()
  const manage = allowedTo('telemetry.manage', useMe(), language)
  const asked = useQuery(deviceQuery(id))
  if (asked.isPending) return <Loading />
  if (asked.error) {
    return (
      <Page title={t('telemetry.title')}>
        <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
      </Page>
    )
  }
  const device = asked.data
  return (
    <Page
      title={device.name}
      lead={
        <p className="flex flex-wrap items-center gap-2 text-base">
          <span>
            {deviceKindName(device.kind, language)} · <code className="text-sm">{device.sensor_id}</code>
          </span>
          <HealthTag device={device} />
          {device.simulated && <SimulatedTag />}
        </p>
      }
    >
      <p>
        {device.site_id === null ? (
          <Link to={paths.devices} className="link">
            ← {t('telemetry.title')}
          </Link>
        ) : (
          <Link to={paths.site} params={{ id: device.site_id }} search={{ part: 'devices' }} className="link">
            ← {t('telemetry.toSite')}
          </Link>
        )}
      </p>
      <State device={device} />
      {device.series.length > 0 && <DeviceQuality device_id={device.device_id} site_id={device.site_id} />}
      <Section title={t('telemetry.series.title')} says={t('telemetry.series.says')} id="series">
        {device.series.length === 0 ? (
          <Empty>{t('telemetry.series.none')}</Empty>
        ) : (
          <SeriesList device={device} series={device.series} />
        )}
      </Section>
      <ValidatedBatches device={device} />
      <Section title={t('telemetry.send.title')} id="send">
        <HowToSend device={device} />
      </Section>
      <Section title={t('telemetry.edit.title')} says={t('telemetry.edit.says')} id="edit">
        {manage.allowed ? <DeviceEdit key={device.device_id} device={device} /> : <Refusal allowed={manage} />}
      </Section>
    </Page>
  )
}

/** How the device itself is, and what can be noted of it. */
function State({ device }: { device: Device }) {
  const { t, format } = useWords()
  const percent = (value: number | null) => (value === null ? t('telemetry.state.untold') : format.share(value / 100))
  const rows = [
    {
      key: 'last',
      value: device.last_reading_at === null ? t('telemetry.noReading') : format.instant(device.last_reading_at),
    },
    { key: 'battery', value: percent(device.battery_level_percent) },
    { key: 'signal', value: percent(device.signal_strength_percent) },
    {
      key: 'calibrated',
      value: device.calibrated_at === null ? t('telemetry.state.untold') : format.day(device.calibrated_at),
    },
  ] as const
  return (
    <section className="card mt-4 p-5" aria-label={t('telemetry.state.title')}>
      <dl className="grid gap-4 xs:grid-cols-2 lg:grid-cols-4">
        {rows.map(({ key, value }) => (
          <div key={key}>
            <dt className="label">{t(`telemetry.state.${key}`)}</dt>
            <dd className="figures mt-0.5 font-semibold">{value}</dd>
          </div>
        ))}
      </dl>
      <Actions device={device} />
    </section>
  )
}

function Actions({ device }: { device: Device }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const allowed = allowedTo('telemetry.manage', useMe(), language)
  const after = async () => {
    setAsking(false)
    await client.invalidateQueries({ queryKey: ['telemetry'] })
  }
  const { device_id, retired_at } = device
  const calibrate = useMutation({
    mutationFn: () => call(changeDevice, { device_id, calibrated_at: new Date().toISOString() }),
    onSuccess: after,
  })
  const retire = useMutation({
    mutationFn: () => call(changeDevice, { device_id, retired: retired_at === null }),
    onSuccess: after,
  })
  return (
    <div className="mt-5 border-t border-rule pt-4">
      <div className="flex flex-wrap gap-3">
        <GuardedButton allowed={allowed} small onClick={() => !calibrate.isPending && calibrate.mutate()}>
          {t('telemetry.calibrate')}
        </GuardedButton>
        <GuardedButton
          allowed={{ allowed: allowed.allowed }}
          small
          onClick={() => (retired_at === null ? setAsking(true) : retire.mutate())}
        >
          {t(retired_at === null ? 'telemetry.retire' : 'telemetry.bringBack')}
        </GuardedButton>
      </div>
      <ActionProblem action={calibrate} />
      {!asking && <ActionProblem action={retire} />}
      <Confirm
        open={asking}
        title={t('telemetry.retireSure', { name: device.name })}
        says={t('telemetry.retireSays')}
        action={t('telemetry.retire')}
        busy={retire.isPending}
        problem={<ActionProblem action={retire} />}
        onConfirm={() => retire.mutate()}
        onClose={() => setAsking(false)}
      />
    </div>
  )
}

function SeriesList({ device, series }: { device: Device; series: readonly Series[] }) {
  const { t, format, language } = useWords()
  return (
    <Rows label={t('telemetry.series.title')}>
      {series.map((each) => (
        <Row
          key={each.series_id}
          title={measureName(each.measure, language)}
          says={
            <>
              <p className="figures">
                {t('telemetry.series.readings', { count: each.readings, number: format.number(each.readings) })}
                {each.first_at !== null && ` · ${t('telemetry.series.since', { day: format.day(each.first_at) })}`}
              </p>
              <Profile series={each} />
            </>
          }
          below={<SeriesQuality series={each} link={device.site_id} />}
        >
          {each.last_value !== null && (
            <span className="figures font-display text-xl font-semibold">
              {format.number(each.last_value)}{' '}
              <span className="font-sans text-base font-normal">{sensorUnit(each.unit)}</span>
            </span>
          )}
        </Row>
      ))}
    </Rows>
  )
}

/** Whether new values are checked against the past, or how far that is away. */
function Profile({ series }: { series: Series }) {
  const { t } = useWords()
  const { has_profile, profile_needs: needs, readings } = series
  if (has_profile || needs === null)
    return <p>{t(has_profile ? 'telemetry.profile.there' : 'telemetry.profile.soon')}</p>
  const whole = readings + needs.readings
  return (
    <div className="max-w-md">
      <p>
        {needs.readings > 0
          ? t('telemetry.profile.readings', { count: needs.readings })
          : t('telemetry.profile.days', { count: Math.ceil(needs.days) })}
      </p>
      {needs.readings > 0 && (
        <progress
          className="mt-1 h-1.5 w-full accent-tide"
          max={whole}
          value={readings}
          aria-label={t('telemetry.profile.progress')}
        />
      )}
    </div>
  )
}
