import { Combobox } from '@base-ui/react/combobox'
import type { Airport } from '@tidemark/core/footprint/contract.ts'
import type { PlainField } from '@tidemark/core/footprint/questionnaire.ts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useId, useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import type { FieldProps } from './fields.tsx'
import { airportQuery, airportSearchQuery } from './queries.ts'

/** Choosing an airport by city, name or code. Only a chosen airport is an answer; letters alone are not. */
export function AirportField({ field, values, faults, set }: FieldProps<PlainField>) {
  const { t, format, language } = useWords()
  const id = useId()
  const client = useQueryClient()
  const code = values[field.id]
  const iata = typeof code === 'string' ? code : ''
  const known = useQuery({ ...airportQuery(iata), enabled: iata !== '' })
  const [typed, setTyped] = useState('')
  const wanted = useDeferredValue(typed.trim())
  const found = useQuery({
    ...airportSearchQuery(wanted),
    enabled: wanted.length >= 2,
    placeholderData: (before) => before,
  })
  const items = wanted.length >= 2 ? (found.data?.airports ?? []) : []
  const chosen: Airport | null = known.data ?? null
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-semibold">
        {field.text[language]}
      </label>
      <Combobox.Root
        items={items}
        filter={null}
        value={chosen}
        onValueChange={(next: Airport | null) => {
          if (next) client.setQueryData(airportQuery(next.iata).queryKey, next)
          set(field.id, next?.iata)
        }}
        onInputValueChange={(text, details) => {
          if (details.reason === 'input-change') setTyped(text)
        }}
        itemToStringLabel={(airport: Airport) => `${airport.iata} · ${airport.name}`}
        isItemEqualToValue={(a: Airport, b: Airport) => a.iata === b.iata}
        autoHighlight
      >
        <Combobox.Input
          id={id}
          className="field"
          placeholder={t('footprint.q.airportType')}
          aria-invalid={faults.length > 0}
        />
        <Combobox.Portal>
          <Combobox.Positioner sideOffset={4} className="z-40">
            <Combobox.Popup className="max-h-72 w-(--anchor-width) min-w-64 overflow-y-auto rounded-md border border-edge bg-raised shadow-lg">
              <Combobox.Empty className="px-3 py-2 text-soft empty:hidden">
                {wanted.length >= 2 && !found.isFetching ? t('footprint.q.airportNone') : null}
              </Combobox.Empty>
              <Combobox.List>
                {(airport: Airport) => (
                  <Combobox.Item
                    key={airport.iata}
                    value={airport}
                    className="flex min-h-11 cursor-pointer items-center gap-3 px-3 py-1.5 data-highlighted:bg-wash"
                  >
                    <span className="figures w-10 shrink-0 font-mono font-semibold">{airport.iata}</span>
                    <span>
                      {airport.name} <span className="text-soft">{format.country(airport.country)}</span>
                    </span>
                  </Combobox.Item>
                )}
              </Combobox.List>
            </Combobox.Popup>
          </Combobox.Positioner>
        </Combobox.Portal>
      </Combobox.Root>
    </div>
  )
}
