import { describe, expect, it } from 'vitest'
import { randomOf } from '../learn/random.ts'
import { doubtsOf, type DoubtedSeries } from './class-doubts.ts'
import { classScorer, fitClassForest, needsSentence, type DeviceHistory } from './class-forest.ts'
import { learnProfile } from './profile.ts'

const HOUR_MS = 3_600_000
const FROM_MS = Date.UTC(2026, 2, 1)

/** A mast of a size of its own: warm at noon, and the drier the warmer, hour by hour. */
function mast(sensor_id: string, days: number, swing: number): DeviceHistory {
  const random = randomOf(swing)
  const warm: { at_ms: number; value: number }[] = []
  const damp: typeof warm = []
  let weather = 0
  for (let hour = 0; hour < days * 24; hour++) {
    weather = 0.9 * weather + random.normal()
    const at_ms = FROM_MS + hour * HOUR_MS
    warm.push({ at_ms, value: 20 + swing * Math.sin((2 * Math.PI * (hour - 6)) / 24) + weather })
    damp.push({ at_ms, value: 70 - 3 * weather + 0.5 * random.normal() })
  }
  return { sensor_id, series: [{ measure: 'temperature', samples: warm }, { measure: 'humidity', samples: damp }] } // oxfmt-ignore
}

const masts = [mast('small', 60, 3), mast('large', 60, 9)]
const grown = fitClassForest('weather_station', masts)
if ('needs' in grown) throw new Error('sixty days are enough')
const scorer = classScorer(grown.model)

/** What the class says of one more hour of the small mast, after its sixty days. */
function ask(values: Record<string, number>) {
  const at_ms = FROM_MS + 60 * 24 * HOUR_MS
  const series = (masts[0]?.series ?? []).map(({ measure, samples }): DoubtedSeries => {
    const learnt = learnProfile(samples)
    const last = samples.at(-1) ?? null
    const profile = 'profile' in learnt ? learnt.profile : null
    return { measure, profile, last, last_at_ms: last?.at_ms ?? null, range: [-50, 100] }
  })
  const sent = Object.entries(values).map(([measure, value]) => ({ measure, value }))
  return doubtsOf(scorer, series, [{ index: 0, at_ms, values: sent }]).get(0)
}
const last = (measure: string) =>
  masts[0]?.series.find((each) => each.measure === measure)?.samples.at(-1)?.value ?? Number.NaN

describe('the forest of a device class', () => {
  it('is not grown before there is enough, and says how much there is and how much is needed', () => {
    const little = fitClassForest('weather_station', [mast('young', 30, 3)])
    expect(little).toEqual({
      needs: expect.objectContaining({ readings: 720, readings_needed: 2_000, days_needed: 7 }),
    })
    if ('model' in little) throw new Error('thirty days of hours are too few')
    expect(needsSentence('weather_station', little.needs)).toContain(
      '720 accepted readings over 30.0 days of 1 devices; 2000',
    )
  })

  it('comes out the same of the same history, learns of all its devices, and doubts few of what it has not seen', () => {
    const again = fitClassForest('weather_station', masts)
    expect(again).toEqual(grown)
    expect(grown.model).toMatchObject({ devices: 2, readings: 2 * 60 * 24, measures: ['humidity', 'temperature'] })
    expect(grown.model.alarm_share).toBeLessThanOrEqual(0.005)
  })

  it('lets an ordinary hour pass', () => {
    expect(ask({ temperature: last('temperature'), humidity: last('humidity') })?.score).toBeGreaterThan(0)
  })

  it('doubts a jump, and what is ordinary alone but not beside the other measure, and names the measure', () => {
    expect(ask({ temperature: last('temperature') + 12, humidity: last('humidity') })).toMatchObject({
      score: expect.toSatisfy((score: number) => score < 0),
      measure: 'temperature',
    })
    const both = ask({ temperature: last('temperature') + 4, humidity: 70 + 3 * 4 })
    expect(both?.score).toBeLessThan(0)
  })

  it('is not shown what rules call impossible, nor what comes late', () => {
    expect(ask({ temperature: 400 })).toBeUndefined()
    const late = doubtsOf(
      scorer,
      [{ measure: 'temperature', profile: null, last: null, last_at_ms: FROM_MS + HOUR_MS, range: [-50, 70] }],
      [{ index: 0, at_ms: FROM_MS, values: [{ measure: 'temperature', value: 20 }] }],
    )
    expect(late.size).toBe(0)
  })
})
