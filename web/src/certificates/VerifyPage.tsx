import { JwksDocument, type Report } from '@tidemark/core/certificates/contract.ts'
import type { Jwks } from '@tidemark/core/certificates/keys.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId, useRef, useState, useSyncExternalStore } from 'react'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Page, Section } from '../ui/Page.tsx'
import { keysQuery, reportQuery, type GivenFile } from './queries.ts'
import { ReportView } from './ReportView.tsx'

const FILE_MB_MAX = 32

interface Given extends GivenFile {
  name: string
}

let given_count = 0

/** Everything below runs in the page: the verifier, the engine and the keys are here before a file is. */
export function VerifyPage() {
  const { t } = useWords()
  const ours = useQuery(keysQuery())
  const [own, setOwn] = useState<Jwks>()
  const [given, setGiven] = useState<Given>()
  const [too_large, setTooLarge] = useState(false)
  const give = (name: string, text: string) => {
    given_count += 1
    setGiven({ id: `given-${given_count}`, name, text })
  }
  const read = (file: File) => {
    if (file.size > FILE_MB_MAX * 1024 * 1024) return setTooLarge(true)
    setTooLarge(false)
    void file.text().then((text) => give(file.name, text))
  }
  const trusted = own ?? ours.data
  return (
    <Page title={t('certificates.verify.title')} lead={t('certificates.verify.says')}>
      <Readiness keys={ours.isPending ? 'loading' : ours.error ? 'missing' : 'here'} />
      <FileInput onFile={read} onText={(text) => give('', text)} />
      {too_large && (
        <p role="alert" className="mt-3 font-semibold text-bad">
          {t('certificates.verify.large', { max: String(FILE_MB_MAX) })}
        </p>
      )}
      <Keys ours={ours.data} onOwn={setOwn} />
      {given && trusted && <Verdict key={given.id} given={given} trusted={trusted} />}
      {!given && (
        <p className="mt-10 text-soft">
          {t('certificates.verify.example')}{' '}
          <Link to={paths.questionnaire} className="link">
            {t('certificates.verify.exampleDo')}
          </Link>
        </p>
      )}
    </Page>
  )
}

/** Whether the page can do without the network from here on. */
function Readiness({ keys }: { keys: 'loading' | 'missing' | 'here' }) {
  const { t } = useWords()
  const online = useOnline()
  const says = { loading: 'preparing', missing: 'noKeys', here: 'online' } as const
  return (
    <p
      role="status"
      data-testid="readiness"
      className={`mb-6 border-l-2 pl-3 ${online ? 'border-tide' : 'border-sand'}`}
    >
      {t(`certificates.verify.${online ? says[keys] : 'offline'}`)}
    </p>
  )
}

/** The report on one file, and the replay that may follow it. */
function Verdict({ given, trusted }: { given: Given; trusted: Jwks }) {
  const { t, language } = useWords()
  const [replay, setReplay] = useState(false)
  const first = useQuery(reportQuery(given, trusted, { replay: false })).data
  // A digest says only that a part was altered. Computing it again names the first line that differs, so it is done unasked.
  const unasked = first?.outcome === 'altered' && isReplayable(first)
  const again = useQuery({ ...reportQuery(given, trusted, { replay: true }), enabled: replay || unasked }).data
  const report = again ?? first
  const statement = language === 'fr' ? report?.stated?.statement_fr : report?.stated?.statement_en
  return (
    <Section title={given.name || t('certificates.verify.pasted')} id="report">
      {!report && <p role="status">{t('certificates.verify.checking')}</p>}
      {report && (
        <>
          <p className="label mb-2">{t(`certificates.verify.fileIs.${report.form}`)}</p>
          {statement !== undefined && <p className="mb-4">{statement}</p>}
          <ReportView report={report} />
          {!again && (
            <div className="mt-6 border-t border-rule pt-5">
              <p className="mb-3 text-soft">
                {isReplayable(report) ? t('certificates.verify.replaySays') : t('certificates.verify.replayNone')}
              </p>
              {isReplayable(report) && (
                <button type="button" className="button button-main" disabled={replay} onClick={() => setReplay(true)}>
                  {replay ? t('certificates.verify.replaying') : t('certificates.verify.replay')}
                </button>
              )}
            </div>
          )}
        </>
      )}
    </Section>
  )
}

/** Whether the file holds what a calculation can be computed again from. */
function isReplayable(report: Report): boolean {
  return report.form === 'bundle' && report.checks.some((check) => check.name === 'replay')
}

function FileInput({ onFile, onText }: { onFile: (file: File) => void; onText: (text: string) => void }) {
  const { t } = useWords()
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [pasted, setPasted] = useState('')
  const id = useId()
  return (
    <div>
      <div
        className={`card flex flex-col items-center gap-4 border-2 border-dashed p-8 text-center sm:p-12 ${over ? 'border-tide bg-wash' : 'border-edge'}`}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          const file = event.dataTransfer.files[0]
          if (file) onFile(file)
        }}
      >
        <p className="text-lg">{t('certificates.verify.drop')}</p>
        <button type="button" className="button button-main" onClick={() => input.current?.click()}>
          {t('certificates.verify.choose')}
        </button>
        <input
          ref={input}
          type="file"
          accept=".json,application/json,application/vc+json"
          className="sr-only"
          tabIndex={-1}
          aria-label={t('certificates.verify.choose')}
          onChange={(event) => {
            const file = event.target.files?.[0]
            if (file) onFile(file)
            // The same file chosen twice is checked twice: it may have changed on the disk.
            event.target.value = ''
          }}
        />
      </div>
      <details className="mt-4">
        <summary className="text-tide">{t('certificates.verify.paste')}</summary>
        <form
          className="mt-2"
          onSubmit={(event) => {
            event.preventDefault()
            if (pasted.trim() !== '') onText(pasted)
          }}
        >
          <label htmlFor={id} className="sr-only">
            {t('certificates.verify.paste')}
          </label>
          <textarea
            id={id}
            className="field h-40 font-mono text-sm"
            spellCheck={false}
            value={pasted}
            onChange={(event) => setPasted(event.target.value)}
          />
          <button type="submit" className="button button-plain mt-2" disabled={pasted.trim() === ''}>
            {t('certificates.verify.pasted')}
          </button>
        </form>
      </details>
    </div>
  )
}

/** Which keys count. Somebody who wants to supply keys trusts none until they are there. */
function Keys({ ours, onOwn }: { ours: Jwks | undefined; onOwn: (keys: Jwks | undefined) => void }) {
  const { t } = useWords()
  const [theirs, setTheirs] = useState(false)
  const [text, setText] = useState('')
  const name = useId()
  const bad = theirs && text.trim() !== '' && parseKeys(text) === undefined
  const choose = (next: boolean, typed: string) => {
    setTheirs(next)
    setText(typed)
    onOwn(next ? (parseKeys(typed) ?? { keys: [] }) : undefined)
  }
  return (
    <fieldset className="mt-6">
      <legend className="font-semibold">{t('certificates.verify.keys')}</legend>
      <div className="mt-1 flex flex-wrap gap-x-6 gap-y-1">
        <label className="flex min-h-9 items-center gap-2">
          <input
            type="radio"
            name={name}
            className="size-4 accent-tide"
            checked={!theirs}
            onChange={() => choose(false, text)}
          />
          {t('certificates.verify.keysOurs', { count: ours?.keys.length ?? 0 })}
        </label>
        <label className="flex min-h-9 items-center gap-2">
          <input
            type="radio"
            name={name}
            className="size-4 accent-tide"
            checked={theirs}
            onChange={() => choose(true, text)}
          />
          {t('certificates.verify.keysTheirs')}
        </label>
      </div>
      {theirs && (
        <div className="mt-2">
          <p className="text-[0.9375rem] text-soft">{t('certificates.verify.keysSays')}</p>
          <label className="mt-2 block">
            <span className="label">{t('certificates.verify.keysPaste')}</span>
            <textarea
              className="field h-28 font-mono text-sm"
              spellCheck={false}
              value={text}
              aria-invalid={bad}
              onChange={(event) => choose(true, event.target.value)}
            />
          </label>
          {bad && <p className="mt-1 font-semibold text-bad">{t('certificates.verify.keysBad')}</p>}
        </div>
      )}
    </fieldset>
  )
}

function parseKeys(text: string): Jwks | undefined {
  try {
    const read = JwksDocument.safeParse(JSON.parse(text))
    return read.success && read.data.keys.length > 0 ? read.data : undefined
  } catch {
    return undefined
  }
}

function subscribe(listener: () => void): () => void {
  addEventListener('online', listener)
  addEventListener('offline', listener)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('offline', listener)
  }
}

function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine)
}
