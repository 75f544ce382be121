import { Site } from '@tidemark/core/sites/contract.ts'
import { describe, expect, it } from 'vitest'
import { draftOf, emptyDraft, newAsset, readDraft } from './draft.ts'

const site = Site.parse({
  id: 'site_00000000000000000000000001',
  number: 1,
  name: 'Depot South',
  latitude: 43.6,
  longitude: 3.88,
  time_zone: 'Europe/Paris',
  country: 'FR',
  tariff: {
    currency: 'EUR',
    price_per_kwh: 0.18,
    periods: [{ name: 'weekend', price_per_kwh: 0.12, from: '00:00', to: '24:00', weekdays: ['sat', 'sun'] }],
  },
  assets: [
    { asset_id: 'inv-1', name: 'Roof', kind: 'pv_inverter', rated_kw: 120.5, temperature_coefficient_per_k: -0.0035 },
    {
      asset_id: 'bat-1',
      name: 'Battery',
      kind: 'battery',
      capacity_kwh: 200,
      charge_kw_max: 100,
      discharge_kw_max: 90,
      efficiency: 0.07,
    },
    {
      asset_id: 'wind',
      name: 'Mast',
      kind: 'turbine',
      rated_kw: 20,
      bearing: { balls: 9, ball_diameter_mm: 7.9, pitch_diameter_mm: 38.5 },
    },
    { asset_id: 'load', name: 'Load', kind: 'meter', role: 'load', sensor_ids: ['a', 'b'] },
  ],
  shiftable_loads: [{ name: 'Vans', power_kw: 15, duration_h: 2.5, earliest: '00:00', latest: '24:00' }],
  simulated: false,
  created_at: '2026-03-01T00:00:00Z',
  changed_at: '2026-03-01T00:00:00Z',
})

describe('the form of a site', () => {
  it.each(['en', 'fr'] as const)(
    'sends what it was given when nothing is changed, fields that it does not show included: %s',
    (language) => {
      const { site: sent } = readDraft(draftOf(site, language), language, site) as { site: object }
      const { id, number, simulated, created_at, changed_at } = site
      expect(Site.parse({ ...sent, id, number, simulated, created_at, changed_at })).toEqual(site)
    },
  )

  it('names every field that needs a look by the pointer that the server would', () => {
    const draft = emptyDraft('FR', 'Europe/Paris')
    const battery = newAsset('battery', 'Battery', [], 'en')
    const read = readDraft({ ...draft, latitude: 'north', longitude: '203', assets: [battery] }, 'en')
    expect(Object.fromEntries([...(read.faults ?? [])].map(([path, { code }]) => [path, code]))).toEqual({
      '/name': 'needed',
      '/latitude': 'number',
      '/longitude': 'big',
      '/assets/0/capacity_kwh': 'needed',
      '/assets/0/charge_kw_max': 'needed',
      '/assets/0/discharge_kw_max': 'needed',
    })
  })

  it('reads percentages as shares and a decimal comma as the French write it', () => {
    const draft = draftOf(site, 'fr')
    const battery = draft.assets[1]
    expect(battery?.figures.efficiency).toBe('7')
    if (battery) battery.figures.efficiency = '92,5'
    expect(readDraft(draft, 'fr', site)).toMatchObject({ site: { assets: [{}, { efficiency: 0.925 }, {}, {}] } })
  })

  it('gives a second asset of a kind an id and a name of its own', () => {
    const first = newAsset('meter', 'Meter', [], 'en')
    expect(newAsset('meter', 'Meter', [first], 'en')).toMatchObject({ asset_id: 'meter-2', name: 'Meter 2' })
  })
})
