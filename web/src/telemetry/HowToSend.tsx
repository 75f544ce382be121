import type { Device } from '@tidemark/core/telemetry/contract.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Command } from '../ui/Copyable.tsx'

/** What a device of the kind measures first, where it has not said so itself. */
const usual: Record<Device['kind'], Record<string, number>> = {
  weather_station: { temperature: 21.5, humidity: 64 },
  air_monitor: { co2_ppm: 430, pm2_5_ug_per_m3: 8 },
  water_monitor: { water_temperature_c: 18.2, salinity_psu: 34 },
  soil_probe: { soil_moisture_percent: 31 },
  meter: { grid_power_kw: 12.5, import_energy_kwh: 10240.3 },
  pv_inverter: { generation_power_kw: 38.2, irradiance_w_per_m2: 710 },
  battery: { battery_power_kw: -12, state_of_charge_percent: 55 },
  genset: { generation_power_kw: 20 },
  hvac: { power_kw: 4.2 },
  charger: { power_kw: 22 },
  wind_turbine: { generation_power_kw: 8.5, rotation_rpm: 120 },
  vibration_sensor: { vibration_rms_mm_per_s: 1.8 },
  other: { power_kw: 1.5 },
}

/** A line that works as it stands, once a key is in it. */
export function HowToSend({ device }: { device: Device }) {
  const { t } = useWords()
  // The instant of the page's opening: an example from the future would be refused.
  const [now] = useState(() => new Date().toISOString().replace(/\.\d+Z$/, 'Z'))
  const declared = Object.keys(device.measures).flatMap((id) => {
    const measure = measures.get(id)
    return measure === undefined ? [] : [[id, Math.max(0, measure.range[0])] as const]
  })
  const measurements = declared.length > 0 ? Object.fromEntries(declared) : usual[device.kind]
  const body = JSON.stringify({ readings: [{ timestamp: now, sensor_id: device.sensor_id, measurements }] })
  const curl = `curl -s '${location.origin}/api/v1/readings' \\\n  -H "authorization: Bearer $TIDEMARK_KEY" \\\n  -H 'content-type: application/json' \\\n  -d '${body.replaceAll("'", String.raw`'\''`)}'`
  return (
    <>
      <p className="mb-3 max-w-prose text-soft">
        {t('telemetry.send.says')}{' '}
        <Link to={paths.keys} className="link">
          {t('telemetry.send.key')}
        </Link>
      </p>
      <Command text={curl} label={t('telemetry.send.command')} />
    </>
  )
}
