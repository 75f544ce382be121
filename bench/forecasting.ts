// How good forecasters and their intervals are, and how long they take, on series made here.
//
//   node bench/forecasting.ts
//   TIDEMARK_BENCH_CSV=folder node bench/forecasting.ts    also each column `value` of the folder's CSV files, one row an hour
//
// The generator (seed 1 to 4): a load of 20 weeks of hours with a daily and a weekly shape, a slow trend, some holidays (known
// beforehand), noise that hangs together from hour to hour; and a PV plant of 20 weeks, daylight by a half sine that lengthens,
// days clear or cloudy, nights zero. Day-ahead forecasts from 24 origins, each fitted on the first and continued; intervals
// measured on the first half of the origins and judged on the other. Where Python has statsmodels, its additive Holt–Winters
// runs on the same origins.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { backtest, backtestIntervals } from '@tidemark/core/learn/backtest.ts'
import { chooseForecaster } from '@tidemark/core/learn/choose-forecaster.ts'
import { candidatesFor } from '@tidemark/core/learn/forecasters.ts'
import { randomOf } from '@tidemark/core/learn/random.ts'
import type { Series } from '@tidemark/core/learn/series.ts'
import { sayBar, skipBar } from './bar.ts'

const HOURS = 24 * 7 * 20
const options = { horizon_steps: 24, origin_count: 24, refit: 'first' } as const
const start_ms = Date.UTC(2024, 0, 1)

const named: [string, Series][] = [
  ['load 1', load(1)],
  ['load 2', load(2)],
  ['PV 1', sun(3)],
  ['PV 2', sun(4)],
  ...ownFiles(),
]
const coverages: number[] = []
const shares: number[] = []
let compared = true
for (const [name, series] of named) {
  process.stdout.write(`${name}: ${series.values.length.toLocaleString('en')} hours\n`)
  for (const forecaster of candidatesFor(series, options.horizon_steps)) {
    const started = process.cpuUsage()
    const tested = backtest(series, forecaster, options)
    const spent = process.cpuUsage(started)
    const [interval] = backtestIntervals(tested, { levels: [0.95] })
    const covered = interval?.coverage
    if (covered) coverages.push(covered.coverage)
    const band = covered
      ? `${(100 * covered.coverage).toFixed(1)} % of 95 %, ${covered.width_mean.toFixed(1)} wide`
      : 'none'
    const seconds = ((spent.user + spent.system) / 1e6).toFixed(2)
    const mase = tested.metrics.mase?.toFixed(3) ?? '-'
    process.stdout.write(`  ${forecaster.name.padEnd(28)} MASE ${mase}  covered ${band}  ${seconds} s\n`)
  }
  const choice = chooseForecaster(series, { ...options, origin_count: 8 })
  if (choice.share_of_naive !== null) shares.push(choice.share_of_naive)
  process.stdout.write(`  chosen by 8 origins: ${choice.why}\n`)
  compared &&= statsmodels(series)
}
const mean = (list: readonly number[]) => list.reduce((sum, each) => sum + each, 0) / list.length
sayBar({
  what: 'forecasts, mean coverage of 95 % intervals',
  measured: 100 * mean(coverages),
  unit: '%',
  at: { least: 93 },
})
sayBar({
  what: 'chosen forecaster, error of repeating the last day',
  measured: 100 * mean(shares),
  unit: '%',
  at: { most: 80 },
})

function load(seed: number): Series {
  const random = randomOf(seed)
  const holidays = new Set(Array.from({ length: 8 }, () => random.integer(HOURS / 24)))
  const holiday = Float64Array.from({ length: HOURS }, (_, t) => (holidays.has(Math.floor(t / 24)) ? 1 : 0))
  let noise = 0
  const values = Float64Array.from({ length: HOURS }, (_, t) => {
    noise = 0.8 * noise + random.normal() * 2
    const hour = t % 24
    const weekend = Math.floor(t / 24) % 7 >= 5
    const shape = 30 * Math.exp(-((hour - 9) ** 2) / 8) + 40 * Math.exp(-((hour - 19) ** 2) / 10)
    const off = holiday[t] === 1 || weekend ? 0.6 : 1
    return 100 + 0.003 * t + shape * off - (holiday[t] === 1 ? 12 : 0) + noise
  })
  return { start_ms, step_s: 3600, values, covariates: { holiday } }
}

function sun(seed: number): Series {
  const random = randomOf(seed)
  let clear = 0.7
  const values = Float64Array.from({ length: HOURS }, (_, t) => {
    if (t % 24 === 0) clear = Math.min(1, Math.max(0.1, 0.7 + 0.5 * (clear - 0.7) + random.normal() * 0.2))
    const day_hours = 9 + (6 * t) / HOURS
    const hour = (t % 24) + 0.5
    const height = Math.sin((Math.PI * (hour - 12 + day_hours / 2)) / day_hours)
    const lit = Math.abs(hour - 12) < day_hours / 2
    return lit ? Math.max(0, 100 * height * clear * (1 + 0.1 * random.normal())) : 0
  })
  return { start_ms, step_s: 3600, values }
}

function ownFiles(): [string, Series][] {
  const folder = process.env.TIDEMARK_BENCH_CSV
  if (!folder) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .flatMap((name): [string, Series][] => {
      const [head = '', ...rows] = readFileSync(join(folder, name), 'utf8').trim().split(/\r?\n/)
      const column = head.split(',').indexOf('value')
      const read = (row: string) => Number.parseFloat(row.split(',')[column] ?? '')
      return column < 0 ? [] : [[name, { start_ms, step_s: 3600, values: Float64Array.from(rows, read) }]]
    })
}

/** Whether it could be compared. */
function statsmodels(series: Series): boolean {
  const program = `
import sys, json, time
try:
    import numpy as np
    from statsmodels.tsa.holtwinters import ExponentialSmoothing
except ImportError:
    print('absent'); sys.exit()
y = np.array(json.load(sys.stdin)); n = len(y); errors = []; started = time.process_time()
for k in range(8):
    at = n - 24 * (8 - k)
    fit = ExponentialSmoothing(y[:at], trend='add', damped_trend=True, seasonal='add', seasonal_periods=24).fit()
    errors.append(np.abs(fit.forecast(24) - y[at:at + 24]).mean())
print(np.mean(errors), time.process_time() - started)`
  try {
    const said = execFileSync('python3', ['-c', program], {
      input: JSON.stringify(Array.from(series.values)),
      encoding: 'utf8',
    })
    if (said.trim() === 'absent') {
      skipBar('Holt–Winters against statsmodels', 'statsmodels not there')
      return false
    }
    const [error, seconds] = said.trim().split(' ').map(Number)
    process.stdout.write(
      `  statsmodels Holt–Winters     MAE ${error?.toFixed(3)} over 8 origins, ${seconds?.toFixed(2)} s\n`,
    )
    return true
  } catch {
    skipBar('Holt–Winters against statsmodels', 'Python not there')
    return false
  }
}
