import { SiteInput, type Asset, type Site } from '@tidemark/core/sites/contract.ts'
import type { z } from 'zod'
import type { Language } from '../lib/format.ts'
import { readNumber } from '../lib/read-number.ts'

/** A site as it is typed: every figure is text until it is sent. */
export interface SiteDraft {
  name: string
  latitude: string
  longitude: string
  time_zone: string
  country: string
  assets: AssetDraft[]
  tariff: TariffDraft | null
  shiftable_loads: LoadDraft[]
}

export interface AssetDraft {
  asset_id: string
  kind: Asset['kind']
  name: string
  /** Names that its devices send under, parted by commas. */
  sensors: string
  role: 'grid' | 'load' | 'sub_meter'
  /** By the name of the field in the contract; of a bearing as `bearing.balls`. */
  figures: Record<string, string>
}

export interface TariffDraft {
  currency: string
  figures: Record<string, string>
  periods: PeriodDraft[]
}

export interface PeriodDraft {
  name: string
  price: string
  from: string
  to: string
  weekdays: string[]
  months: number[]
}

export interface LoadDraft {
  name: string
  power: string
  hours: string
  earliest: string
  latest: string
  interruptible: boolean
}

export interface FieldOf {
  name: string
  needed?: boolean
  /** What is typed as a percentage is sent as a share. */
  percent?: boolean
  /** Where the contract has no default of its own. */
  usual?: string
}

/** What is asked of each kind of asset, in the order in which a plate or a data sheet says it. */
export const fieldsOf: Record<Asset['kind'], readonly FieldOf[]> = {
  pv_inverter: [{ name: 'rated_kw', needed: true }, { name: 'tilt_deg' }, { name: 'azimuth_deg' }],
  battery: [
    { name: 'capacity_kwh', needed: true },
    { name: 'charge_kw_max', needed: true },
    { name: 'discharge_kw_max', needed: true },
    { name: 'efficiency', percent: true, usual: '90' },
    { name: 'state_of_charge_min', percent: true, usual: '10' },
    { name: 'state_of_charge_max', percent: true, usual: '100' },
    { name: 'wear_cost_per_kwh', usual: '0' },
  ],
  meter: [{ name: 'import_kw_max' }, { name: 'export_kw_max' }],
  genset: [
    { name: 'rated_kw', needed: true },
    { name: 'fuel_l_per_kwh', usual: '0.28' },
  ],
  hvac: [{ name: 'rated_kw', needed: true }],
  charger: [{ name: 'rated_kw', needed: true }],
  turbine: [
    { name: 'rated_kw', needed: true },
    { name: 'bearing.balls' },
    { name: 'bearing.ball_diameter_mm' },
    { name: 'bearing.pitch_diameter_mm' },
    { name: 'bearing.contact_angle_deg' },
  ],
}

export const tariffFields: readonly FieldOf[] = [
  { name: 'price_per_kwh', needed: true },
  { name: 'export_price_per_kwh', usual: '0' },
  { name: 'demand_charge_per_kw_month', usual: '0' },
  { name: 'fixed_per_day', usual: '0' },
]

/** A number as the language writes it, for a field. */
function typed(value: number, language: Language): string {
  // Twelve digits undo what percentages do to a share: 0.07 × 100 is 7.000000000000001.
  const text = String(Number(value.toPrecision(12)))
  return language === 'fr' ? text.replace('.', ',') : text
}

export function emptyDraft(country: string, time_zone: string): SiteDraft {
  return { name: '', latitude: '', longitude: '', time_zone, country, assets: [], tariff: null, shiftable_loads: [] }
}

export function newAsset(
  kind: Asset['kind'],
  name: string,
  taken: readonly AssetDraft[],
  language: Language,
): AssetDraft {
  const ids = new Set(taken.map(({ asset_id }) => asset_id))
  const stem = kind.replace('_', '-')
  let n = 1
  while (ids.has(`${stem}-${n}`)) n += 1
  const usual = fieldsOf[kind].map((field) => [
    field.name,
    language === 'fr' ? (field.usual ?? '').replace('.', ',') : (field.usual ?? ''),
  ])
  return {
    asset_id: `${stem}-${n}`,
    kind,
    name: taken.some((each) => each.kind === kind) ? `${name} ${n}` : name,
    sensors: '',
    role: 'grid',
    figures: Object.fromEntries(usual) as Record<string, string>,
  }
}

export function draftOf(site: Site, language: Language): SiteDraft {
  const { name, time_zone, country, latitude, longitude } = site
  const text = (value: number) => typed(value, language)
  return {
    name,
    latitude: text(latitude),
    longitude: text(longitude),
    time_zone,
    country,
    assets: site.assets.map((asset) => ({
      asset_id: asset.asset_id,
      kind: asset.kind,
      name: asset.name,
      sensors: asset.sensor_ids.join(', '),
      role: asset.kind === 'meter' ? asset.role : 'grid',
      figures: figuresOf(asset, fieldsOf[asset.kind], text),
    })),
    tariff: site.tariff && {
      currency: site.tariff.currency,
      figures: figuresOf(site.tariff, tariffFields, text),
      periods: site.tariff.periods.map((period) => ({
        name: period.name,
        price: text(period.price_per_kwh),
        from: period.from,
        to: period.to,
        weekdays: [...(period.weekdays ?? [])],
        months: [...(period.months ?? [])],
      })),
    },
    shiftable_loads: site.shiftable_loads.map((load) => ({
      ...load,
      power: text(load.power_kw),
      hours: text(load.duration_h),
    })),
  }
}

function figuresOf(from: object, fields: readonly FieldOf[], text: (value: number) => string): Record<string, string> {
  return Object.fromEntries(
    fields.map(({ name, percent }) => {
      const value = name
        .split('.')
        .reduce<unknown>((inside, key) => (inside as Record<string, unknown> | undefined)?.[key], from)
      return [name, typeof value === 'number' ? text(percent ? value * 100 : value) : '']
    }),
  )
}

export type SiteSent = z.input<typeof SiteInput>

/** What is wrong, by the pointer that the server would name it by: `/assets/0/rated_kw`. */
export interface DraftFault {
  code: 'needed' | 'number' | 'small' | 'big' | 'other'
  limit?: number
  message: string
}

/**
 * What is sent of a draft, or what is wrong with it, found by the contract's own rules.
 * @param before fields that the form does not show stay as they are.
 */
export function readDraft(
  draft: SiteDraft,
  language: Language,
  before?: Site,
): { site: SiteSent; faults?: undefined } | { faults: ReadonlyMap<string, DraftFault> } {
  const candidate = candidateOf(draft, language, before)
  const read = SiteInput.safeParse(candidate)
  if (read.success) return { site: candidate as SiteSent }
  return { faults: new Map(read.error.issues.map((issue) => [`/${issue.path.join('/')}`, faultOf(issue, candidate)])) }
}

function faultOf(issue: z.core.$ZodIssue, candidate: unknown): DraftFault {
  const { message } = issue
  const value = issue.path.reduce<unknown>(
    (inside, key) => (inside as Record<PropertyKey, unknown> | undefined)?.[key],
    candidate,
  )
  if (value === undefined || value === '') return { code: 'needed', message }
  if (issue.code === 'invalid_type' && typeof value === 'string') return { code: 'number', message }
  if (issue.code === 'too_small') return { code: 'small', limit: Number(issue.minimum), message }
  if (issue.code === 'too_big') return { code: 'big', limit: Number(issue.maximum), message }
  return { code: 'other', message }
}

function candidateOf(draft: SiteDraft, language: Language, before: Site | undefined): object {
  const read = (text: string) => readNumber(text, language)
  return {
    name: draft.name.trim(),
    latitude: read(draft.latitude),
    longitude: read(draft.longitude),
    time_zone: draft.time_zone,
    country: draft.country,
    tariff: draft.tariff && {
      currency: draft.tariff.currency.trim().toUpperCase(),
      ...sentFigures(tariffFields, draft.tariff.figures, read),
      periods: draft.tariff.periods.map(({ name, price, from, to, weekdays, months }) => ({
        name: name.trim(),
        price_per_kwh: read(price),
        from,
        to,
        ...(weekdays.length > 0 ? { weekdays } : {}),
        ...(months.length > 0 ? { months } : {}),
      })),
    },
    assets: draft.assets.map((asset) => ({
      ...hiddenOf(asset, before),
      asset_id: asset.asset_id,
      kind: asset.kind,
      name: asset.name.trim(),
      sensor_ids: asset.sensors
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
      ...(asset.kind === 'meter' ? { role: asset.role } : {}),
      ...sentFigures(fieldsOf[asset.kind], asset.figures, read),
    })),
    shiftable_loads: draft.shiftable_loads.map(({ name, power, hours, earliest, latest, interruptible }) => ({
      name: name.trim(),
      power_kw: read(power),
      duration_h: read(hours),
      earliest,
      latest,
      interruptible,
    })),
  }
}

/** What an asset says that the form does not ask. */
function hiddenOf({ asset_id }: AssetDraft, before: Site | undefined): object {
  const known = before?.assets.find((each) => each.asset_id === asset_id)
  return known?.kind === 'pv_inverter' ? { temperature_coefficient_per_k: known.temperature_coefficient_per_k } : {}
}

/** Figures that were left empty are left out, so that the contract's defaults hold. */
function sentFigures(
  fields: readonly FieldOf[],
  figures: Record<string, string>,
  read: (text: string) => number | string | undefined,
) {
  const sent: Record<string, unknown> = {}
  for (const { name, percent } of fields) {
    const value = read(figures[name] ?? '')
    if (value === undefined) continue
    const scaled = percent && typeof value === 'number' ? Number((value / 100).toPrecision(12)) : value
    const [outer = name, inner] = name.split('.')
    if (inner === undefined) sent[name] = scaled
    else sent[outer] = { ...(sent[outer] as object | undefined), [inner]: scaled }
  }
  return sent
}
