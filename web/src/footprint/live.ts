import type { Airport, Inventory } from '@tidemark/core/footprint/contract.ts'
import { type Answers } from '@tidemark/core/footprint/questionnaire-answers.ts'
import { inventoryOf } from '@tidemark/core/footprint/questionnaire-inventory.ts'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useMemo } from 'react'
import { calculateLive, libraryOf, type LiveResult } from './engine.ts'
import { airportQuery, questionnaireQuery } from './queries.ts'

export type Live =
  | { state: 'no-country' }
  | { state: 'empty' }
  | { state: 'loading' }
  | { state: 'failed'; error: unknown; retry: () => void }
  | ({ state: 'ready'; inventory: Inventory; country: string; factor_places: Map<string, string[]> } & LiveResult)

/** The total of what has been answered, computed in this browser while typing. */
export function useLive(answers: Answers): Live {
  const shown = useDeferredValue(answers)
  const inventory = useMemo(() => inventoryOf(shown), [shown])
  const { country } = inventory.organisation
  const said = country !== '' && inventory.reporting_period.start_date !== ''
  const factors = useQuery({ ...questionnaireQuery(country), enabled: said })
  const codes = useMemo(() => airportCodes(inventory), [inventory])
  const airports = useQueries({
    queries: codes.map(airportQuery),
    combine: (results) => ({
      found: results.flatMap((each): Airport[] => (each.data ? [each.data] : [])),
      pending: results.some((each) => each.isPending),
    }),
  })
  const library = useMemo(
    () => (factors.data ? libraryOf({ factors: factors.data.factors, airports: airports.found }) : undefined),
    [factors.data, airports.found],
  )
  const computed = useMemo(
    () => (library && !airports.pending ? calculateLive(inventory, library) : undefined),
    [library, airports.pending, inventory],
  )
  const factor_places = useMemo(
    () =>
      computed?.result && factors.data
        ? placesByLine(computed.result, factors.data.factors, country)
        : new Map<string, string[]>(),
    [computed, factors.data, country],
  )
  if (!said) return { state: 'no-country' }
  if (inventory.lines.length === 0) return { state: 'empty' }
  if (factors.error) return { state: 'failed', error: factors.error, retry: () => void factors.refetch() }
  if (!computed) return { state: 'loading' }
  return { state: 'ready', inventory, country, factor_places, ...computed }
}

function airportCodes(inventory: Inventory): string[] {
  const codes = inventory.lines.flatMap((line) => [line.attributes?.from, line.attributes?.to])
  return [...new Set(codes.filter((code): code is string => typeof code === 'string'))].sort()
}

/** Lines whose factors speak for another country than the company's, with those countries. */
function placesByLine(
  result: NonNullable<LiveResult['result']>,
  factors: readonly { id: string; edition: string; geography: string }[],
  country: string,
): Map<string, string[]> {
  const geography = new Map(factors.map((factor) => [`${factor.id}@${factor.edition}`, factor.geography]))
  const found = new Map<string, string[]>()
  for (const line of result.lines) {
    const places = line.trace
      .flatMap((step) => (step.step === 'factor' ? [geography.get(`${step.factor}@${step.edition}`)] : []))
      .filter(
        (place): place is string =>
          place !== undefined && /^[A-Z]{2}$/.test(place) && place !== country && place !== 'EU',
      )
    if (places.length > 0) found.set(line.id, [...new Set(places)])
  }
  return found
}
