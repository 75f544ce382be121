/** The answer to the marketplace's request, assembled from what the request said and what the engine computed. */
import { toMg } from '../lib/amount.ts'
import type { FootprintResult } from './contract.ts'
import type { SeedEmissionAnswer, SeedEmissionRequest } from './seed-contract.ts'
import type { SeedConversion } from './seed-inventory.ts'
import {
  accuracyOf,
  completenessOf,
  completenessWarnings,
  confidenceOf,
  recencyOf,
  uncertaintyOf,
} from './seed-scores.ts'

export const SCOPE3_NOTE =
  'Scope 3 is activity × published emission factor, line by line, like scopes 1 and 2. The request’s original design names a neural network for it, for which neither a model nor training data exist: no such prediction is made here.'

export interface SeedResultParts {
  request: SeedEmissionRequest
  /** Settled: its lines are those of the result. */
  conversion: SeedConversion
  result: FootprintResult
  calculation_id: string
  certificate_id: string
  certificate_hash: string
  /** Instant of the calculation in ISO 8601; recency is counted from it. */
  now: string
}

/** Pure: the same parts give the same answer. Emissions are in metric tonnes, exact to the milligram. */
export function seedResultOf(parts: SeedResultParts): SeedEmissionAnswer {
  const { request, conversion, result, calculation_id, now } = parts
  const { reporting_period } = conversion.inventory
  const completeness = completenessOf(request)
  const accuracy = accuracyOf(conversion.checks)
  const recency = recencyOf(reporting_period.end_date, now)
  const confidence = confidenceOf({ completeness, accuracy, recency })
  const { scopes, interval_95 } = result
  return {
    success: true,
    calculation_id,
    results: {
      calculation_id,
      timestamp: now,
      company_id: request.company_id,
      reporting_period,
      emissions_unit: 'tCO2e',
      total_emissions_tons_co2e: tonnes(result.emissions_kg_co2e),
      scope1_emissions: tonnes(scopes['1']),
      scope2_emissions: tonnes(scopes['2_location']),
      scope3_emissions: tonnes(scopes['3']),
      market_based: {
        total_emissions_tons_co2e: tonnes(result.emissions_market_kg_co2e),
        scope2_emissions: tonnes(scopes['2_market']),
      },
      interval_95: { low: tonnes(interval_95.low), high: tonnes(interval_95.high) },
      confidence_score: confidence,
      uncertainty_range: uncertaintyOf(confidence),
      methodology: `Activity × emission factor by tidemark-footprint ${result.engine_version}: GHG Protocol Corporate and Value Chain Standards, GWP100 of ${result.gwp_set}, scope 2 location-based with the market-based figure beside it.`,
      emission_factors_version: editionsOf(result),
      data_quality_assessment: {
        valid: true,
        errors: [],
        warnings: [
          ...completenessWarnings(completeness),
          ...notYetOver(reporting_period.end_date, now),
          ...conversion.notices.map(({ path, reason }) => `${path}: ${reason}`),
        ],
        completeness_score: completeness,
        accuracy_score: accuracy,
        recency_score: recency,
        failed_checks: conversion.checks.flatMap(({ path, passed, reason }) =>
          passed ? [] : [{ path, reason: reason ?? '' }],
        ),
      },
      scope3_note: SCOPE3_NOTE,
      not_counted: conversion.not_counted,
      not_read: conversion.unread_fields,
      warnings: withoutRepeats(result.warnings, conversion.warnings),
      inventory: conversion.inventory,
      line_sources: conversion.line_sources,
      certificate_id: parts.certificate_id,
      certificate_hash: parts.certificate_hash,
      result_digest: result.result_digest,
    },
  }
}

const MG_PER_TONNE = 1e9

function tonnes(kg: number): number {
  return toMg(kg) / MG_PER_TONNE
}

/** `US EPA 2025; UK DESNZ 2025`: what was used in truth, whatever the library holds besides. */
function editionsOf(result: FootprintResult): string {
  return [...new Set(result.factors_used.map(({ publisher, edition }) => `${publisher} ${edition}`))].sort().join('; ')
}

function notYetOver(end_date: string, now: string): string[] {
  return end_date > now.slice(0, 10) ? [`The reporting period ends on ${end_date}, which is still to come.`] : []
}

type Warnings = SeedEmissionAnswer['results']['warnings']

/** The engine may have found by itself what the conversion found: of two that speak of the same lines, the wider stays. */
function withoutRepeats(by_engine: Warnings, by_conversion: Warnings): Warnings {
  const covers = (wide: Warnings[number], narrow: Warnings[number]) =>
    wide.code === narrow.code &&
    wide.message === narrow.message &&
    narrow.line_ids.every((id) => wide.line_ids.includes(id))
  const engine = by_engine.filter((warning) => !by_conversion.some((own) => covers(own, warning)))
  return [...engine, ...by_conversion.filter((own) => !engine.some((warning) => covers(warning, own)))]
}
