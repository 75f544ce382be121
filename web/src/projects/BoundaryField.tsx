import type { Boundary } from '@tidemark/core/projects/boundary.ts'
import { lazy, Suspense, useId, useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { TextField } from '../ui/fields.tsx'
import { AreaVerdict } from './AreaVerdict.tsx'
import { measure, readBoundaryText } from './boundary-text.ts'
import type { Underlay } from './DrawMap.tsx'

const DrawMap = lazy(() => import('./DrawMap.tsx').then(({ DrawMap: component }) => ({ default: component })))

/** Where the project lies: drawn, typed or pasted, or read from a file. Its hectares are measured while that is being done. */
export function BoundaryField({
  boundary,
  claimed,
  underlay,
  onChange,
}: {
  boundary: Boundary | null
  claimed: string
  underlay: Underlay | undefined
  onChange: (boundary: Boundary | null) => void
}) {
  const { language } = useWords()
  const [sketch_ha, setSketch] = useState<number | null>(null)
  const [place, setPlace] = useState<{ latitude: number; longitude: number }>()
  const typed = readNumber(claimed, language)
  const claimed_ha = typeof typed === 'number' && typed > 0 ? typed : null
  const measured = boundary === null ? undefined : measure(boundary)
  const measured_ha = sketch_ha ?? (measured && 'figures' in measured ? measured.figures.area_ha : null)
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)]">
      <div>
        <GoTo onGo={setPlace} />
        <Suspense fallback={<div className="card h-80 sm:h-[28rem]" />}>
          <DrawMap boundary={boundary} underlay={underlay} place={place} onDraw={onChange} onSketch={setSketch} />
        </Suspense>
      </div>
      <div className="space-y-6">
        <AreaVerdict claimed_ha={claimed_ha} measured_ha={measured_ha} />
        {measured && 'unsound' in measured && sketch_ha === null && <Unsound found={measured} />}
        <TypedBoundary onRead={onChange} />
      </div>
    </div>
  )
}

function Unsound({ found }: { found: { unsound: string; at?: { latitude: number; longitude: number } } }) {
  const { t, language, format } = useWords()
  const { at, unsound } = found
  const where = at && { latitude: format.factor(at.latitude), longitude: format.factor(at.longitude) }
  return (
    <p role="alert" className="border-l-2 border-bad pl-3 font-semibold text-bad">
      {where ? t('projects.boundary.crosses', where) : language === 'en' ? unsound : t('projects.boundary.unsound')}
    </p>
  )
}

function GoTo({ onGo }: { onGo: (place: { latitude: number; longitude: number }) => void }) {
  const { t } = useWords()
  const [text, setText] = useState('')
  const [is_bad, setBad] = useState(false)
  const go = () => {
    const found = /^\s*(-?\d{1,2}(?:\.\d+)?)[\s,;]+(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(text)
    const [latitude, longitude] = [Number(found?.[1] ?? Number.NaN), Number(found?.[2] ?? Number.NaN)]
    const is_place = Math.abs(latitude) <= 85 && Math.abs(longitude) <= 180
    setBad(!is_place)
    if (is_place) onGo({ latitude, longitude })
  }
  return (
    <div className="mb-3 flex flex-wrap items-end gap-3">
      <div className="min-w-0 flex-1 basis-52">
        <TextField
          label={t('projects.boundary.goTo')}
          placeholder="9.0579, 76.2711"
          autoComplete="off"
          value={text}
          fault={is_bad ? t('projects.boundary.goToFault') : undefined}
          onChange={setText}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            go()
          }}
        />
      </div>
      <button type="button" className="button button-plain" onClick={go}>
        {t('projects.boundary.go')}
      </button>
    </div>
  )
}

/** For whoever has the boundary already, and whoever draws nothing by hand. */
function TypedBoundary({ onRead }: { onRead: (boundary: Boundary) => void }) {
  const { t } = useWords()
  const id = useId()
  const [text, setText] = useState('')
  const [fault, setFault] = useState<'unreadable' | 'no_polygon' | 'kmz'>()
  const read = (from: string) => {
    const found = readBoundaryText(from)
    setFault('fault' in found ? found.fault : undefined)
    if ('boundary' in found) onRead(found.boundary)
  }
  const readFile = async (file: File | undefined) => {
    if (file) read(await file.text())
  }
  return (
    <div className="space-y-4">
      <div>
        <label htmlFor={`${id}-text`} className="mb-1 block font-semibold">
          {t('projects.boundary.paste')}
        </label>
        <p id={`${id}-help`} className="mb-2 text-[0.9375rem] text-soft">
          {t('projects.boundary.pasteHelp')}
        </p>
        <textarea
          id={`${id}-text`}
          className="field h-32 font-mono text-sm"
          spellCheck={false}
          value={text}
          placeholder={'9.0500, 76.2700\n9.0500, 76.2727\n9.0527, 76.2727'}
          aria-describedby={`${id}-help ${id}-fault`}
          aria-invalid={fault !== undefined}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="button" className="button button-plain button-small mt-2" onClick={() => read(text)}>
          {t('projects.boundary.read')}
        </button>
      </div>
      <div>
        <label htmlFor={`${id}-file`} className="mb-1 block font-semibold">
          {t('projects.boundary.file')}
        </label>
        <input
          id={`${id}-file`}
          type="file"
          accept=".geojson,.json,.kml,.kmz"
          className="field file:mr-3 file:rounded file:border-0 file:bg-wash file:px-3 file:py-1 file:font-semibold file:text-tide"
          aria-describedby={`${id}-fault`}
          onChange={({ target }) => void readFile(target.files?.[0])}
        />
      </div>
      <p id={`${id}-fault`} role="status" className="font-semibold text-bad">
        {fault !== undefined && t(`projects.boundary.fault.${fault}`)}
      </p>
    </div>
  )
}
