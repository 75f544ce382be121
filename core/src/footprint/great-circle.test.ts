import { expect, it } from 'vitest'
import { greatCircleKm } from './great-circle.ts'

it('a quarter of a great circle is a quarter of 2πR', () => {
  expect(greatCircleKm({ latitude_deg: 0, longitude_deg: 0 }, { latitude_deg: 90, longitude_deg: 0 })).toBe(10007.557)
})

it('opposite points are half a great circle apart, and the date line is no wall', () => {
  expect(greatCircleKm({ latitude_deg: 0, longitude_deg: 0 }, { latitude_deg: 0, longitude_deg: 180 })).toBe(20015.114)
  const across = greatCircleKm({ latitude_deg: 0, longitude_deg: 179.5 }, { latitude_deg: 0, longitude_deg: -179.5 })
  expect(across).toBe(greatCircleKm({ latitude_deg: 0, longitude_deg: 0 }, { latitude_deg: 0, longitude_deg: 1 }))
})
