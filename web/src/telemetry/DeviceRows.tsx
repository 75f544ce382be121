import type { Device } from '@tidemark/core/telemetry/contract.ts'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { deviceKindName } from '../lib/device-kinds.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Row, Rows } from '../ui/Rows.tsx'
import { healthOf, type Health } from './device-health.ts'
import { SimulatedTag } from './SimulatedTag.tsx'

const tones: Record<Health, string> = {
  good: 'bg-good-wash text-good',
  retired: 'bg-wash text-soft',
  never: 'bg-sand-wash text-sand-ink',
  silent: 'bg-bad-wash text-bad',
  battery: 'bg-sand-wash text-sand-ink',
  signal: 'bg-sand-wash text-sand-ink',
  calibration: 'bg-sand-wash text-sand-ink',
}

export function HealthTag({ device }: { device: Device }) {
  const { t } = useWords()
  const [now_ms] = useState(() => Date.now())
  const health = healthOf(device, now_ms)
  return (
    <span className={`rounded px-2 py-0.5 text-sm font-semibold ${tones[health]}`}>
      {t(`telemetry.health.${health}`)}
    </span>
  )
}

/** Devices with what somebody who looks after them wants to know first. */
export function DeviceRows({ devices }: { devices: readonly Device[] }) {
  const { t, format, language } = useWords()
  return (
    <Rows label={t('telemetry.title')}>
      {devices.map((device) => (
        <Row
          key={device.device_id}
          title={
            <>
              <Link to={paths.device} params={{ id: device.device_id }} className="link">
                {device.name}
              </Link>
              {device.simulated && <SimulatedTag />}
            </>
          }
          says={
            <>
              <p>
                {deviceKindName(device.kind, language)} · <code className="text-sm">{device.sensor_id}</code>
              </p>
              <p>
                {device.last_reading_at === null
                  ? t('telemetry.noReading')
                  : t('telemetry.lastReading', { when: format.instant(device.last_reading_at) })}
              </p>
            </>
          }
        >
          <HealthTag device={device} />
        </Row>
      ))}
    </Rows>
  )
}
