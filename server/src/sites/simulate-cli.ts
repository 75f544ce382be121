import { setTimeout as sleep } from 'node:timers/promises'
import type { ProblemDetails } from '@tidemark/core/lib/problem.ts'
import type { Asset, Site } from '@tidemark/core/sites/contract.ts'
import { faultKinds, simulateSite, type FaultKind, type PlantFault } from '@tidemark/core/sites/simulate.ts'
import type { BatchSummary } from '@tidemark/core/telemetry/contract.ts'
import {
  sensorFaults,
  simulatedSensors,
  simulateSensors,
  type SensorFaultKind,
} from '@tidemark/core/telemetry/simulate.ts'
import { InvalidArgumentError, type Command } from 'commander'

/** As many readings go in one request. */
const BATCH_MAX = 2_000
const HOUR_MS = 3_600_000

interface Options {
  url: string
  key?: string
  name: string
  latitude: number
  longitude: number
  timeZone: string
  days: number
  step: number
  pace: number
  seed: number
  fault: string[]
  until?: string
  project: string
}

/** `tidemark simulate site|sensors`: plays a plant or a coast against a running server, through its public addresses. */
export function addSimulateCommands(program: Command): void {
  const simulate = program
    .command('simulate')
    .description('Play a plant or sensors against a running server; everything sent is marked simulated')
  const common = (command: Command) =>
    command
      .option('--url <url>', 'where the server runs', process.env.TIDEMARK_URL ?? 'http://127.0.0.1:3000')
      .option('--key <key>', 'an API key with sites.manage, telemetry.manage and telemetry.ingest (or TIDEMARK_KEY)')
      .option('--days <days>', 'how much time to play, ending now', positive, 30)
      .option('--step <seconds>', 'time between readings', positive, 900)
      .option('--pace <times>', 'how many times faster than real; 0 as fast as it goes', number, 0)
      .option('--until <instant>', 'where the played time ends, instead of now')
      .option('--seed <number>', 'the same seed plays the same', number, 1)
      .option('--latitude <degrees>', 'where it stands', number, 43.6)
      .option('--longitude <degrees>', 'where it stands', number, 3.88)
  common(simulate.command('site').description('A depot with sun, a battery, a load and a small wind turbine'))
    .option('--name <name>', 'of the site', 'Simulated depot')
    .option('--time-zone <zone>', 'of the site', 'Europe/Paris')
    .option(
      '--fault <kind:sensor:start:hours>',
      `start in hours before the end; kinds: ${faultKinds.join(', ')}; repeatable`,
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .action(async (options: Options) => playSite(options))
  common(simulate.command('sensors').description('A weather mast and a probe in the tide'))
    .option('--project <id>', 'the project that they belong to', 'simulated-coast')
    .option(
      '--fault <kind:sensor:start:hours>',
      `start in hours before the end; kinds: ${sensorFaults.join(', ')}; repeatable`,
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .action(async (options: Options) => playSensors(options))
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is a number.')
  return value
}

function positive(text: string): number {
  const value = number(text)
  if (value <= 0) throw new InvalidArgumentError('It is more than zero.')
  return value
}

function spanOf({ days, until, step }: Options): { from_ms: number; to_ms: number } {
  const step_ms = step * 1000
  const end_ms = until === undefined ? Date.now() : Date.parse(until)
  if (!Number.isFinite(end_ms)) throw new CannotPlay(`"${until}" is no instant: write 2026-03-01T00:00:00Z.`)
  const to_ms = Math.floor(end_ms / step_ms) * step_ms
  return { from_ms: to_ms - Math.floor((days * 24 * HOUR_MS) / step_ms) * step_ms, to_ms }
}

function readFaults<K extends string>(texts: readonly string[], kinds: readonly K[], to_ms: number) {
  return texts.map((text) => {
    const [kind, sensor_id, start, hours] = text.split(':')
    const known = kinds.find((each) => each === kind)
    if (known === undefined || !sensor_id || !(Number(start) >= 0) || !(Number(hours) > 0)) {
      throw new CannotPlay(`"${text}" is no fault: write kind:sensor:start:hours, with a kind of ${kinds.join(', ')}.`)
    }
    const from_ms = to_ms - Number(start) * HOUR_MS
    return { kind: known, sensor_id, from_ms, to_ms: from_ms + Number(hours) * HOUR_MS }
  })
}

async function playSite(options: Options): Promise<void> {
  await orSay(async () => {
    const span = spanOf(options)
    const faults: PlantFault[] = readFaults<FaultKind>(options.fault, faultKinds, span.to_ms)
    const prefix = `sim-${options.seed}`
    // Played again, the same site plays on.
    const { sites } = await ask<{ sites: Site[] }>(options, '/api/v1/sites')
    const known = sites.find(({ name, simulated }) => simulated && name === options.name)
    const site = known ?? (await ask<Site>(options, '/api/v1/sites', siteBody(options, prefix)))
    for (const asset of site.assets) {
      for (const sensor_id of asset.sensor_ids) {
        await addDevice(options, {
          sensor_id,
          name: asset.name,
          kind: asset.kind === 'turbine' ? 'wind_turbine' : asset.kind,
          site_id: site.id,
          measures: countersOf(asset, options.step),
          simulated: true,
        })
      }
    }
    process.stdout.write(`site ${site.id}\n`)
    const plant = { ...options, time_zone: options.timeZone, assets: site.assets, load_kw: 90 }
    await play(options, simulateSite({ plant, seed: options.seed, ...span, step_s: options.step, faults }))
  })
}

/** What the counters of an asset can count at most: played again they begin anew, which is no energy. */
function countersOf(asset: Asset, interval_s: number): Record<string, { interval_s: number; hourly_max: number }> {
  const at_most = (hourly_max: number, ...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, { interval_s, hourly_max }]))
  if (asset.kind === 'pv_inverter') return at_most(asset.rated_kw * 1.5, 'generation_energy_kwh')
  if (asset.kind !== 'meter') return {}
  return asset.role === 'grid' ? at_most(400, 'import_energy_kwh', 'export_energy_kwh') : at_most(400, 'energy_kwh')
}

function siteBody({ name, latitude, longitude, timeZone }: Options, prefix: string) {
  return {
    name,
    latitude,
    longitude,
    time_zone: timeZone,
    country: 'FR',
    simulated: true,
    tariff: {
      currency: 'EUR',
      price_per_kwh: 0.19,
      periods: [
        { name: 'off-peak', price_per_kwh: 0.13, from: '22:00', to: '06:00' },
        {
          name: 'evening peak',
          price_per_kwh: 0.29,
          from: '18:00',
          to: '20:00',
          weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
        },
      ],
      export_price_per_kwh: 0.06,
      demand_charge_per_kw_month: 9,
    },
    assets: [
      { asset_id: 'inv-1', name: 'Inverter 1', kind: 'pv_inverter', rated_kw: 60, sensor_ids: [`${prefix}-inv-1`] },
      { asset_id: 'inv-2', name: 'Inverter 2', kind: 'pv_inverter', rated_kw: 60, sensor_ids: [`${prefix}-inv-2`] },
      {
        asset_id: 'bat-1',
        name: 'Battery',
        kind: 'battery',
        capacity_kwh: 200,
        charge_kw_max: 60,
        discharge_kw_max: 60,
        wear_cost_per_kwh: 0.03,
        sensor_ids: [`${prefix}-bat-1`],
      },
      {
        asset_id: 'grid',
        name: 'Grid meter',
        kind: 'meter',
        role: 'grid',
        import_kw_max: 200,
        sensor_ids: [`${prefix}-grid`],
      },
      { asset_id: 'load', name: 'Load meter', kind: 'meter', role: 'load', sensor_ids: [`${prefix}-load`] },
      {
        asset_id: 'wind',
        name: 'Turbine',
        kind: 'turbine',
        rated_kw: 20,
        bearing: { balls: 9, ball_diameter_mm: 7.9, pitch_diameter_mm: 38.5 },
        sensor_ids: [`${prefix}-wind`],
      },
    ],
    shiftable_loads: [{ name: 'Forklift charging', power_kw: 15, duration_h: 4, earliest: '00:00', latest: '24:00' }],
  }
}

async function playSensors(options: Options): Promise<void> {
  await orSay(async () => {
    const span = spanOf(options)
    const faults = readFaults<SensorFaultKind>(options.fault, sensorFaults, span.to_ms)
    const { latitude, longitude, project, seed, step } = options
    for (const { sensor_id, kind } of simulatedSensors) {
      await addDevice(options, {
        sensor_id,
        kind,
        project_id: project,
        placement: { latitude, longitude },
        simulated: true,
      })
    }
    await play(
      options,
      simulateSensors({ project_id: project, latitude, longitude, seed, ...span, step_s: step, faults }),
    )
  })
}

/** Sends what is played, at its pace. A step is never sent before its time has come. */
async function play(options: Options, steps: Iterable<{ at_ms: number; readings: unknown[] }>): Promise<void> {
  const totals = { sent: 0, stored_values: 0, suspect: 0, invalid: 0, refused: 0, duplicates: 0 }
  let waiting: unknown[] = []
  const flush = async () => {
    if (waiting.length === 0) return
    const batch = await ask<BatchSummary>(options, '/api/v1/readings', { readings: waiting })
    totals.sent += waiting.length
    for (const field of ['stored_values', 'suspect', 'invalid', 'refused', 'duplicates'] as const) {
      totals[field] += batch[field]
    }
    waiting = []
  }
  const pause_ms = options.pace > 0 ? (options.step * 1000) / options.pace : 0
  const began_ms = performance.now()
  let step = 0
  for (const { readings } of steps) {
    waiting.push(...readings)
    if (options.pace > 0) {
      await flush()
      step += 1
      await sleep(Math.max(0, began_ms + step * pause_ms - performance.now()))
    } else if (waiting.length >= BATCH_MAX) {
      await flush()
    }
  }
  await flush()
  process.stdout.write(`${JSON.stringify(totals)}\n`)
}

/** A device that is there already plays on. */
async function addDevice(options: Options, body: object): Promise<void> {
  await ask(options, '/api/v1/devices', body, ['telemetry/sensor-id-taken'])
}

class CannotPlay extends Error {}

async function orSay(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof CannotPlay)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  }
}

/** One request. Being told to wait, it waits. */
async function ask<T>(options: Options, path: string, body?: unknown, fine: readonly string[] = []): Promise<T> {
  const key = options.key ?? process.env.TIDEMARK_KEY
  for (;;) {
    const answer = await fetch(new URL(path, options.url), {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key ? { authorization: `Bearer ${key}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new CannotPlay(`${options.url} does not answer: ${String((error as Error).cause ?? error)}`)
    })
    if (answer.status === 429) {
      await sleep(1000 * Math.min(60, Number(answer.headers.get('retry-after') ?? 1)))
      continue
    }
    const said = (await answer.json()) as T & ProblemDetails & { type?: string; title?: string }
    if (answer.ok || fine.some((type) => said.type?.includes(type))) return said
    const first = said.faults?.[0]
    throw new CannotPlay(
      `${path}: ${said.detail ?? said.title ?? answer.status}${first ? ` ${first.path} ${first.message}` : ''}`,
    )
  }
}
