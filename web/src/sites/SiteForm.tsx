import type { Asset, Site } from '@tidemark/core/sites/contract.ts'
import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react'
import { countriesIn } from '../lib/countries.ts'
import { ApiProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { Section } from '../ui/Page.tsx'
import { AssetFields } from './AssetFields.tsx'
import { newAsset, readDraft, type DraftFault, type SiteDraft, type SiteSent } from './draft.ts'
import { LoadsFields } from './LoadsFields.tsx'
import { TariffFields } from './TariffFields.tsx'

const SitesMap = lazy(() => import('./SitesMap.tsx').then(({ SitesMap: component }) => ({ default: component })))
const noSites: readonly Site[] = []

export const assetKindsInOrder = [
  'pv_inverter',
  'battery',
  'meter',
  'charger',
  'hvac',
  'genset',
  'turbine',
] as const satisfies readonly Asset['kind'][]

export interface FaultAt {
  (path: string): string | undefined
}

/** Everything about a site in one form: where it is, what stands on it, what its energy costs. */
export function SiteForm({
  start,
  before,
  busy,
  problem,
  refused,
  action,
  beside,
  onSend,
}: {
  start: SiteDraft
  before?: Site
  busy: boolean
  problem: ReactNode
  refused: unknown
  action: string
  beside?: ReactNode
  onSend: (site: SiteSent) => void
}) {
  const { t, language } = useWords()
  const [draft, setDraft] = useState(start)
  const [tries, setTries] = useState(0)
  const read = readDraft(draft, language, before)
  const faultWords = useFaultWords()
  const faultAt: FaultAt = (path) => {
    const fault = tries > 0 ? read.faults?.get(path) : undefined
    const theirs = refused instanceof ApiProblem ? refused.faults.find((each) => each.path === path) : undefined
    return fault ? faultWords(fault) : theirs?.message
  }
  const change = (part: Partial<SiteDraft>) => setDraft({ ...draft, ...part })
  const add = (kind: Asset['kind']) =>
    change({ assets: [...draft.assets, newAsset(kind, t(`sites.kind.${kind}`), draft.assets, language)] })
  return (
    <Form
      refused={tries > 0 ? `${tries} ${String(refused)}` : undefined}
      onSubmit={() => {
        setTries(tries + 1)
        if (read.faults === undefined) onSend(read.site)
      }}
    >
      <PlaceFields draft={draft} faultAt={faultAt} onChange={change} />
      <Section title={t('sites.form.assets')} says={t('sites.form.assetsSays')} id="assets">
        <ul className="space-y-4">
          {draft.assets.map((asset, i) => (
            <AssetFields
              key={asset.asset_id}
              asset={asset}
              faultAt={(path) => faultAt(`/assets/${i}/${path}`)}
              onChange={(changed) => change({ assets: draft.assets.map((each, j) => (i === j ? changed : each)) })}
              onRemove={() => change({ assets: draft.assets.filter((_, j) => i !== j) })}
            />
          ))}
        </ul>
        <AddAsset onAdd={add} />
      </Section>
      <TariffFields
        tariff={draft.tariff}
        faultAt={(path) => faultAt(`/tariff/${path}`)}
        onChange={(tariff) => change({ tariff })}
      />
      <LoadsFields
        loads={draft.shiftable_loads}
        faultAt={(path) => faultAt(`/shiftable_loads/${path}`)}
        onChange={(shiftable_loads) => change({ shiftable_loads })}
      />
      <div className="mt-10 border-t border-rule pt-6">
        {tries > 0 && read.faults !== undefined && (
          <p role="alert" className="mb-4 font-semibold text-bad">
            {t('sites.form.faults', { count: read.faults.size })}
          </p>
        )}
        {problem}
        <div className="flex flex-wrap gap-3">
          <Submit busy={busy}>{action}</Submit>
          {beside}
        </div>
      </div>
    </Form>
  )
}

function useFaultWords(): (fault: DraftFault) => string {
  const { t, format } = useWords()
  return ({ code, limit, message }) => {
    if (code === 'other') return message
    return t(`sites.fault.${code}`, { limit: limit === undefined ? '' : format.number(limit) })
  }
}

interface PlaceProps {
  draft: SiteDraft
  faultAt: FaultAt
  onChange: (part: Partial<SiteDraft>) => void
}

function PlaceFields({ draft, faultAt, onChange }: PlaceProps) {
  const { t, language } = useWords()
  const typed = (value: number) => (language === 'fr' ? value.toFixed(4).replace('.', ',') : value.toFixed(4))
  const picked = { latitude: numberOf(draft.latitude), longitude: numberOf(draft.longitude) }
  const is_there =
    Number.isFinite(picked.latitude) && Number.isFinite(picked.longitude) && Math.abs(picked.latitude) <= 90
  return (
    <div className="grid gap-6 lg:grid-cols-2">
      <div className="space-y-5">
        <TextField
          label={t('sites.form.name')}
          help={t('sites.form.nameHelp')}
          maxLength={200}
          value={draft.name}
          fault={faultAt('/name')}
          onChange={(name) => onChange({ name })}
        />
        <div className="grid gap-5 xs:grid-cols-2">
          <TextField
            label={t('sites.form.latitude')}
            inputMode="decimal"
            placeholder={typed(43.6)}
            value={draft.latitude}
            fault={faultAt('/latitude')}
            onChange={(latitude) => onChange({ latitude })}
          />
          <TextField
            label={t('sites.form.longitude')}
            inputMode="decimal"
            placeholder={typed(3.88)}
            value={draft.longitude}
            fault={faultAt('/longitude')}
            onChange={(longitude) => onChange({ longitude })}
          />
        </div>
        <CountryAndZone draft={draft} faultAt={faultAt} onChange={onChange} />
      </div>
      <Suspense fallback={<div className="card h-72 sm:h-96" />}>
        <SitesMap
          sites={noSites}
          picked={is_there ? picked : undefined}
          onPick={({ latitude, longitude }) => onChange({ latitude: typed(latitude), longitude: typed(longitude) })}
        />
      </Suspense>
    </div>
  )
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text.replace(',', '.'))
}

function AddAsset({ onAdd }: { onAdd: (kind: Asset['kind']) => void }) {
  const { t } = useWords()
  return (
    <>
      <p className="mt-4 mb-2 font-semibold" id="add-asset">
        {t('sites.form.add')}
      </p>
      <div role="group" aria-labelledby="add-asset" className="flex flex-wrap gap-2">
        {assetKindsInOrder.map((kind) => (
          <button key={kind} type="button" className="button button-plain button-small" onClick={() => onAdd(kind)}>
            + {t(`sites.kind.${kind}`)}
          </button>
        ))}
      </div>
    </>
  )
}

function CountryAndZone({ draft, faultAt, onChange }: PlaceProps) {
  const { t, language } = useWords()
  const countries = useMemo(
    () => countriesIn(language).map(({ code, name }) => ({ value: code, text: name })),
    [language],
  )
  const zones = useMemo(() => {
    // The list of names leaves out UTC, and whatever an older site was described with.
    const names = new Set([draft.time_zone, 'UTC', ...Intl.supportedValuesOf('timeZone')])
    return [...names].sort().map((zone) => ({ value: zone, text: zone.replaceAll('_', ' ') }))
  }, [draft.time_zone])
  return (
    <>
      <SelectField
        label={t('sites.form.country')}
        help={t('sites.form.countryHelp')}
        value={draft.country}
        options={countries}
        fault={faultAt('/country')}
        onChange={(country) => onChange({ country })}
      />
      <SelectField
        label={t('sites.form.zone')}
        help={t('sites.form.zoneHelp')}
        value={draft.time_zone}
        options={zones}
        fault={faultAt('/time_zone')}
        onChange={(time_zone) => onChange({ time_zone })}
      />
    </>
  )
}
