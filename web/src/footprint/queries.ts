import {
  airports,
  calculate,
  listCalculations,
  questionnaire,
  trace,
  type Airport,
} from '@tidemark/core/footprint/contract.ts'
import type { InputOf } from '@tidemark/core/lib/contract.ts'
import { queryOptions } from '@tanstack/react-query'
import { call, type AnswerOf } from '../lib/api.ts'

/** Factors do not change while a page is open: an edition is an edition. */
const KEPT = Number.POSITIVE_INFINITY

export const questionnaireQuery = (country: string) =>
  queryOptions({
    queryKey: ['questionnaire', country],
    queryFn: ({ signal }) => call(questionnaire, { country }, signal),
    staleTime: KEPT,
    gcTime: KEPT,
  })

/** The airport of one IATA code, or null when the server knows none. */
export const airportQuery = (iata: string) =>
  queryOptions({
    queryKey: ['airport', iata],
    queryFn: async ({ signal }): Promise<Airport | null> => {
      const found = await call(airports, { q: iata, limit: 10 }, signal)
      return found.airports.find((airport) => airport.iata === iata) ?? null
    },
    staleTime: KEPT,
    gcTime: KEPT,
  })

export const airportSearchQuery = (q: string) =>
  queryOptions({
    queryKey: ['airports', q],
    queryFn: ({ signal }) => call(airports, { q, limit: 8 }, signal),
    staleTime: KEPT,
  })

export const calculationsQuery = () =>
  queryOptions({
    queryKey: ['calculations'],
    queryFn: ({ signal }) => call(listCalculations, { limit: 100 }, signal),
    staleTime: 0,
  })

export type TracedCalculation = AnswerOf<typeof trace>

export const calculationQuery = (id: string) =>
  queryOptions({ queryKey: ['calculation', id], queryFn: ({ signal }) => call(trace, { id }, signal), staleTime: KEPT })

export const sendInventory = (inventory: InputOf<typeof calculate>) => call(calculate, inventory)
