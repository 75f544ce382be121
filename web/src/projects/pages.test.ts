import type { Analysis } from '@tidemark/core/projects/analysis-contract.ts'
import type { Project } from '@tidemark/core/projects/contract.ts'
import { reportOf, readAnalysisInput } from '@tidemark/core/projects/report.ts'
import { pairWith } from '@tidemark/core/projects/testing-measurement.ts'
import { describe, expect, it } from 'vitest'
import { recolour } from './change-colours.ts'
import { draftFor, needsReason, needsSecond, sentOf, weighDraft } from './decision-draft.ts'
import { draftOf, emptyDraft, readDraft } from './draft.ts'
import { stepOf } from './step.ts'
import { tilesOf } from './tile-draw.ts'

const typed = { ...emptyDraft(), name: 'Fringe', developer: 'Trust', claimed_ha: '8,9', salinity_ppt: '30' }

describe('the form of a project', () => {
  it('reads figures as the language writes them, and leaves open what nobody said', () => {
    const read = readDraft(typed, 'fr')
    expect(read).toMatchObject({
      project: {
        claimed_ha: 8.9,
        method_parameters: {
          ipcc: { climate: null, salinity_ppt: 30 },
          vm0033: { salinity_ppt: 30, soil_type: null, declarations: { restores_tidal_wetland: null } },
        },
      },
    })
  })

  it('comes back as it was sent, and settings that it does not show stay', () => {
    const read = readDraft({ ...typed, claimed_ha: '8.9' }, 'en')
    const sent = 'project' in read ? read.project : undefined
    const kept = { seed: {}, ipcc: { gwp_ch4: 27 }, vm0033: { buffer_percent: 15 }, conservation: null }
    const project = { ...sent, method_parameters: { ...sent?.method_parameters, ...kept } } as unknown as Project
    const full = { ...project, method_parameters: { ...kept, ipcc: { ...kept.ipcc, climate: null, salinity_ppt: 30, age_at_start_years: 0 }, vm0033: { ...kept.vm0033, declarations: {}, soil_type: null, salinity_ppt: 30, carbon_soil_percent: null, ch4_t_per_ha_yr: null } } } as unknown as Project // oxfmt-ignore
    const again = readDraft({ ...draftOf(full, 'en'), declarations: emptyDraft().declarations }, 'en', full)
    expect(again).toMatchObject({
      project: { claimed_ha: 8.9, method_parameters: { ipcc: { gwp_ch4: 27 }, vm0033: { buffer_percent: 15 } } },
    })
  })

  it('names each field that is at fault once', () => {
    const { faults } = readDraft({ ...typed, name: ' ', claimed_ha: 'many' }, 'en')
    expect([...(faults ?? [])].map(([field, { code }]) => [field, code])).toEqual([
      ['name', 'needed'],
      ['claimed_ha', 'number'],
    ])
  })
})

describe('what a developer does next', () => {
  const project = { state: 'evidence_collection', area: { verdict: 'agrees' }, evidence: { before: 1, after: 1 }, boundary: {} } as unknown as Project // oxfmt-ignore
  const analysis = (more: Partial<Analysis>) => ({ state: 'measured', level: 'approve_full', ...more }) as Analysis
  it.each([
    [{ boundary: null }, undefined, 'boundary'],
    [{ area: { verdict: 'blocks' } }, undefined, 'area'],
    [{ state: 'draft' }, undefined, 'register'],
    [{ evidence: { before: 0, after: 1 } }, undefined, 'before'],
    [{ evidence: { before: 1, after: 0 } }, undefined, 'after'],
    [{}, undefined, 'analyse'],
    [{}, analysis({ state: 'running' }), 'wait'],
    [{}, analysis({ state: 'failed' }), 'failed'],
    [{}, analysis({ state: 'cannot_tell', level: 'manual_review' }), 'better'],
    [{}, analysis({ level: 'more_evidence' }), 'better'],
    [{ state: 'analysed' }, analysis({}), 'submit'],
    [{ state: 'in_review' }, analysis({}), 'review'],
    [{ state: 'approved' }, analysis({}), 'closed'],
  ])('%j', (more, latest, step) => {
    expect(stepOf({ ...project, ...more } as Project, latest)).toBe(step)
  })
})

describe('a decision in the making', () => {
  const input = (claimed_ha?: number) => readAnalysisInput({
    kind: 'project-analysis-input',
    version: 1,
    project: { ecosystem: 'mangrove', latitude_deg: 9, longitude_deg: 76 },
    measurement: pairWith(claimed_ha === undefined ? {} : { area: { claimed_ha, polygon_ha: 10, measured_ha: 10, error_fraction: Math.abs(claimed_ha - 10) / claimed_ha, edge_uncertainty_fraction: 0 } }), // oxfmt-ignore
    parameters: { ipcc: { climate: 'tropical_wet', salinity_ppt: 30 } },
  }) // oxfmt-ignore
  const report = reportOf(input())

  it('begins with what the report proposes, and comes to what the server would make of it', () => {
    const draft = draftFor(report)
    expect(draft.method).toBe(report.proposal.method_id)
    const whole = weighDraft(report, { ...draft, verdict: 'approve' })?.proposed_t_co2e ?? 0
    const half = weighDraft(report, { ...draft, verdict: 'approve_partial', fraction_percent: 50 })?.proposed_t_co2e
    expect(whole).toBeGreaterThan(1)
    expect(Math.abs((half ?? 0) - whole / 2)).toBeLessThanOrEqual(1)
    expect(needsReason(report, { ...draft, verdict: 'approve_partial' })).toBe(true)
    expect(needsSecond(report, { ...draft, verdict: 'approve', own_t: 1 })).toBe(true)
  })

  it('sends only what belongs to its verdict', () => {
    const draft = { ...draftFor(report), reason: ' Seen. ', wanted: ['a'], more: 'b\n\n', own_t: 2 }
    expect(sentOf({ ...draft, verdict: 'request_more' })).toEqual({
      verdict: 'request_more',
      reason: 'Seen.',
      wanted: ['a', 'b'],
    })
    expect(sentOf({ ...draft, verdict: 'reject' })).toEqual({ verdict: 'reject', reason: 'Seen.' })
  })

  it('approves nothing where the area blocks every method', () => {
    const blocked = reportOf(input(20))
    expect(draftFor(blocked).verdict).toBe('request_more')
    expect(weighDraft(blocked, { ...draftFor(blocked), verdict: 'approve' })).toBeUndefined()
  })
})

it('tiles lie inside the picture, and one digest gives the same three everywhere', () => {
  const digest = `sha256:${'00ffabcd'.repeat(8)}`
  const tiles = tilesOf(digest, 300, 200)
  expect(tiles).toHaveLength(3)
  expect(tiles).toEqual(tilesOf(digest, 300, 200))
  for (const { x, y, side } of tiles) expect([side, x >= 0 && x + side <= 300, y >= 0 && y + side <= 200]).toEqual([40, true, true]) // oxfmt-ignore
})

it('gain turns blue, loss turns orange with gaps, grey and clear stay', () => {
  const of = (...colours: number[][]) => Uint8ClampedArray.from(colours.flat())
  const pixels = of([20, 130, 50, 200], [200, 40, 30, 255], [128, 128, 128, 200], [0, 0, 0, 0], [200, 40, 30, 255])
  recolour(pixels, 5)
  expect([...pixels]).toEqual([...of([0, 92, 190, 200], [225, 110, 0, 255], [128, 128, 128, 200], [0, 0, 0, 0], [225, 110, 0, 0])]) // oxfmt-ignore
})
