import type { AnalysisReport } from './report.ts'
import { foundHectares } from './measurement.ts'
import { roundTo } from './method-result.ts'
import { sentenceOf } from './words.ts'

/**
 * A report in the column names of the registry that this format comes from, and the columns beside them. What was not
 * measured is null: a colour picture has no `ndvi_improvement`, and below 40 nothing is shown as a credit.
 */
export function recordOf(report: AnalysisReport) {
  const { measurement, confidence, proposal, methods, integrity } = report
  const seed = methods.find(({ method_id }) => method_id === 'seed-ai')
  const seed_proposed = proposal.methods.find(({ method_id }) => method_id === 'seed-ai')
  const lineOf = (symbol: string) => seed?.lines.find((line) => line.symbol === symbol)?.value ?? null
  const chosen = methods.find(({ method_id }) => method_id === proposal.method_id)
  const chosen_proposed = proposal.methods.find(({ method_id }) => method_id === proposal.method_id)
  const pair = measurement.outcome === 'measured' ? measurement : null
  const cover = pair?.cover.share
  const { valid_fraction_before: before, valid_fraction_after: after } = measurement
  const hidden = proposal.level === 'manual_review'
  return {
    before_image_hash: measurement.before.digest.slice('sha256:'.length),
    after_image_hash: measurement.after.digest.slice('sha256:'.length),
    project_area_hectares: foundHectares(measurement.area) ?? measurement.area.claimed_ha,
    calculated_co2_sequestration: hidden ? null : lineOf('CO2_kg'),
    vegetation_change_percentage: cover ? roundTo(100 * (cover.after - cover.before), 6) : null,
    ndvi_improvement: pair?.index.kind === 'ndvi' ? roundTo(pair.index.delta, 6) : null,
    land_transformation_score: lineOf('transformation'),
    calculated_carbon_credits: seed_proposed?.credits ?? null,
    credit_calculation_method: 'seed-ai-v1',
    confidence_score: confidence.score,
    analysis_summary: sentenceOf(proposal.developer_sees).en,
    methodology_id: chosen?.method_id ?? null,
    methodology_version: chosen?.method_version ?? null,
    params_json: chosen?.parameters ?? null,
    evidence_class: measurement.evidence_class,
    acquisition_utc: { before: measurement.before.captured_on, after: measurement.after.captured_on },
    crs: measurement.before.crs,
    valid_fraction: before === null || after === null ? null : Math.min(before, after),
    registration_px: measurement.registration?.residual_px ?? null,
    season_gap_days: measurement.season_gap_days,
    integrity_flags: [...integrity.blocks, ...integrity.flags],
    tco2e: chosen_proposed?.t_co2e ?? null,
    unit: chosen === undefined ? null : 't CO2e',
  }
}
