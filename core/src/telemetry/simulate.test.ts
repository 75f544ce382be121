import { describe, expect, it } from 'vitest'
import { invariant } from '../lib/invariant.ts'
import { newSeries, verdictOf } from './check.ts'
import { newCounter } from './counter.ts'
import { measures } from './measures.ts'
import { learnProfile } from './profile.ts'
import { readReading } from './reading.ts'
import { sensorFaults, simulatedSensors, simulateSensors, type SensorScenario } from './simulate.ts'
import { rulesFor, takeIn } from './take-in.ts'

const DAY_MS = 86_400_000
const from_ms = Date.parse('2026-03-01T00:00:00Z')
const scenario: SensorScenario = {
  project_id: 'delta-north',
  latitude: -6.1,
  longitude: 106.8,
  seed: 3,
  from_ms,
  to_ms: from_ms + 30 * DAY_MS,
  step_s: 900,
  faults: [],
}
const play = (faults: SensorScenario['faults'] = []) => [...simulateSensors({ ...scenario, faults })]
const seriesOf = (steps: ReturnType<typeof play>, sensor_id: string, measure: string) =>
  steps.flatMap(({ at_ms, readings }) =>
    readings
      .filter((each) => each.sensor_id === sensor_id)
      .map(({ measurements }) => ({ at_ms, value: measurements[measure] ?? NaN })),
  )

describe('simulated sensors', () => {
  it('play the same under the same seed, in readings that are taken in as they are', () => {
    const steps = play()
    expect(play()).toEqual(steps)
    for (const reading of steps[100]?.readings ?? []) {
      expect(readReading(reading)).toMatchObject({ reading: { simulated: true, project_id: 'delta-north' } })
    }
  })

  const half_ms = from_ms + 15 * DAY_MS
  const healthySteps = play()
  const cases = simulatedSensors.flatMap(({ sensor_id, measure: id }) => {
    const measure = measures.get(id)
    invariant(measure !== undefined, 'there is such a measure')
    const learnt = learnProfile(seriesOf(healthySteps, sensor_id, id).filter(({ at_ms }) => at_ms < half_ms))
    invariant('profile' in learnt, 'there is enough past')
    const rules = rulesFor(measure, undefined, learnt.profile)
    const check = (steps: ReturnType<typeof play>) => {
      const later = seriesOf(steps, sensor_id, id).filter(({ at_ms }) => at_ms >= half_ms)
      const arrivals = later.map((each) => ({ ...each, findings: [] }))
      const { taken } = takeIn({ checks: newSeries, counter: newCounter }, measure, rules, arrivals, null)
      return { count: taken.length, doubted: taken.filter(({ findings }) => verdictOf(findings) !== 'valid').length }
    }
    return sensorFaults.map((fault) => ({ fault, sensor_id, check, healthy: check(healthySteps) }))
  })

  it.each(cases)('$fault on $sensor_id shows in the checks or as a gap', ({ fault, sensor_id, check, healthy }) => {
    const begin_ms = half_ms + 5 * DAY_MS
    const days = fault === 'drift' ? 10 : 1
    const faulty = check(play([{ kind: fault, sensor_id, from_ms: begin_ms, to_ms: begin_ms + days * DAY_MS }]))
    if (fault === 'dropout') expect(faulty.count).toBe(healthy.count - 96)
    else expect(faulty.doubted).toBeGreaterThan(healthy.doubted)
  })

  it('are hardly ever doubted while nothing is wrong', () => {
    for (const { healthy } of cases) expect(healthy.doubted / healthy.count).toBeLessThan(0.02)
  })
})
