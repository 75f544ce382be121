import type { Airport } from '@tidemark/core/footprint/contract.ts'
import type { PlainField } from '@tidemark/core/footprint/questionnaire.ts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useId, useState, type KeyboardEvent } from 'react'
import { useWords } from '../lib/i18n.ts'
import type { FieldProps } from './fields.tsx'
import { airportQuery, airportSearchQuery } from './queries.ts'

const LETTERS_MIN = 2

/**
 * Choosing an airport by city, name or code. Only a chosen airport is an answer; letters alone are not.
 *
 * A combobox of our own after the ARIA Authoring Practices: the library's hides the rest of the page from assistive
 * technology while its list is open, although the rest can still be reached by keyboard. Decision 0028.
 */
export function AirportField({ field, values, faults, set }: FieldProps<PlainField>) {
  const { t, format, language } = useWords()
  const id = useId()
  const client = useQueryClient()
  const code = values[field.id]
  const iata = typeof code === 'string' ? code : ''
  const known = useQuery({ ...airportQuery(iata), enabled: iata !== '' })
  /** What is being typed, undefined while an airport stands chosen. */
  const [typed, setTyped] = useState<string>()
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(0)
  const wanted = useDeferredValue((typed ?? '').trim())
  const searching = wanted.length >= LETTERS_MIN
  const found = useQuery({
    ...airportSearchQuery(wanted),
    enabled: searching,
    placeholderData: (before) => before,
  })
  const airports = searching ? (found.data?.airports ?? []) : []
  const shown = open && searching
  const none = shown && airports.length === 0 && !found.isFetching
  const written = (airport: Airport) => `${airport.iata} · ${airport.name}`

  const choose = (airport: Airport) => {
    client.setQueryData(airportQuery(airport.iata).queryKey, airport)
    set(field.id, airport.iata)
    setTyped(undefined)
    setOpen(false)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setOpen(true)
      const step = event.key === 'ArrowDown' ? 1 : -1
      if (airports.length > 0) setActive((active + step + airports.length) % airports.length)
    } else if (event.key === 'Enter' && shown && typed !== undefined) {
      // Enter chooses; with nothing to choose it must not send the form half filled either.
      event.preventDefault()
      const airport = airports[active]
      if (airport) choose(airport)
    } else if (event.key === 'Escape' && shown) {
      event.preventDefault()
      setOpen(false)
    }
  }
  return (
    <div className="relative">
      <label htmlFor={id} className="mb-1 block font-semibold">
        {field.text[language]}
      </label>
      <input
        id={id}
        className="field"
        role="combobox"
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && airports[active] ? `${id}-${airports[active].iata}` : undefined}
        aria-invalid={faults.length > 0}
        autoComplete="off"
        placeholder={t('footprint.q.airportType')}
        value={typed ?? (known.data ? written(known.data) : iata)}
        onChange={(event) => {
          setTyped(event.target.value)
          setActive(0)
          setOpen(true)
          if (iata !== '') set(field.id, undefined)
        }}
        onFocus={(event) => event.target.select()}
        onKeyDown={onKeyDown}
        onBlur={() => setOpen(false)}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t('footprint.q.airportList')}
        className={`absolute z-30 mt-1 max-h-72 w-full min-w-64 overflow-y-auto rounded-md border border-edge bg-raised shadow-lg ${shown && airports.length > 0 ? '' : 'hidden'}`}
      >
        {airports.map((airport, index) => (
          <div
            key={airport.iata}
            id={`${id}-${airport.iata}`}
            role="option"
            aria-selected={index === active}
            className={`flex min-h-11 cursor-pointer items-center gap-3 px-3 py-1.5 ${index === active ? 'bg-wash' : ''}`}
            // Before the field loses the focus, which would close the list under the pointer.
            onPointerDown={(event) => {
              event.preventDefault()
              choose(airport)
            }}
            onPointerEnter={() => setActive(index)}
          >
            <span className="w-10 shrink-0 font-mono font-semibold">{airport.iata}</span>
            <span>
              {airport.name} <span className="text-soft">{format.country(airport.country)}</span>
            </span>
          </div>
        ))}
      </div>
      <p role="status" className={none ? 'mt-1 text-soft' : 'sr-only'}>
        {none ? t('footprint.q.airportNone') : ''}
      </p>
    </div>
  )
}
