import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { componentNames, componentWeights } from './confidence-components.ts'
import { levels, STATEMENT } from './decide.ts'
import { IpccParameters, mangroveGrowth, soilFactors } from './method-ipcc-ws2013-tier1-v1.ts'
import { SeedParameters, seedBaseRates } from './method-seed-ai-v1.ts'
import { Vm0033Parameters } from './method-vm0033-like-v1.ts'
import { guards } from './plausibility.ts'
import { vm0033Declarations } from './vm0033-pools.ts'

const page = (name: string) =>
  readFileSync(new URL(`../../../docs/methods/${name}.md`, import.meta.url), 'utf8').replaceAll(/\s+/g, ' ')
const missing = (text: string, wanted: readonly (string | number)[]) =>
  wanted.filter((each) => !text.includes(String(each)))

describe('the page of a method', () => {
  test('names every parameter that a run stores', () => {
    const named = (parameters: object) => Object.keys(parameters).map((name) => `\`${name}\``)
    expect(missing(page('seed-ai-v1'), named(SeedParameters.shape))).toEqual([])
    expect(missing(page('ipcc-ws2013-tier1-v1'), named(IpccParameters.shape))).toEqual([])
    expect(missing(page('vm0033-like-v1'), [...named(Vm0033Parameters.shape), ...vm0033Declarations])).toEqual([])
  })

  test('holds the rates and factors that the code computes with', () => {
    expect(missing(page('seed-ai-v1'), Object.values(seedBaseRates))).toEqual([])
    const ipcc = [
      ...Object.values(soilFactors).map(({ t_c }) => t_c),
      ...Object.values(mangroveGrowth).flatMap((each) => Object.values(each)),
    ]
    expect(missing(page('ipcc-ws2013-tier1-v1'), ipcc)).toEqual([])
    expect(page('ipcc-ws2013-tier1-v1')).toContain('to be confirmed')
  })

  test('of confidence shows every component with its weight, every level, every guard, and the statement', () => {
    const text = page('credit-confidence')
    expect(
      missing(
        text,
        componentNames.map((name) => `\`${name}\``),
      ),
    ).toEqual([])
    expect(
      missing(
        text,
        Object.values(componentWeights).map((weight) => weight.toFixed(2)),
      ),
    ).toEqual([])
    expect(
      missing(
        text,
        levels.flatMap(({ level, action }) => [`\`${level}\``, action]),
      ),
    ).toEqual([])
    expect(
      missing(
        text,
        guards.map((guard) => `\`${guard}\``),
      ),
    ).toEqual([])
    expect(text).toContain(STATEMENT.en)
  })
})
