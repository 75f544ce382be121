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
  const online = useOnline()
  const [given, setGiven] = useState<Given>()
  const [own, setOwn] = useState<Jwks>()
  const [replay, setReplay] = useState(false)
  const [too_large, setTooLarge] = useState(false)
  const trusted = own ?? ours.data
  const file = given ?? { id: '', text: '' }
  const keys = trusted ?? { keys: [] }
  const ready = given !== undefined && trusted !== undefined
  const first = useQuery({ ...reportQuery(file, keys, { replay: false }), enabled: ready }).data
  // A digest says only that a part was altered. Computing it again names the first line that differs, so it is done unasked.
  const unasked = first?.outcome === 'altered' && isReplayable(first)
  const again = useQuery({ ...reportQuery(file, keys, { replay: true }), enabled: ready && (replay || unasked) }).data
  const report = given ? (again ?? first) : undefined
  const give = (name: string, text: string) => {
    given_count += 1
    setReplay(false)
    setGiven({ id: `given-${given_count}`, name, text })
  }

  const read = (file: File) => {
    if (file.size > FILE_MB_MAX * 1024 * 1024) return setTooLarge(true)
    setTooLarge(false)
    void file.text().then((text) => give(file.name, text))
  }
  const replayed = report?.checks.some((check) => check.name === 'replay' && check.status !== 'skipped')
  const replayable = report !== undefined && isReplayable(report)

  return (
    <Page title={t('certificates.verify.title')} lead={t('certificates.verify.says')}>
      <p
        role="status"
        data-testid="readiness"
        className={`mb-6 border-l-2 pl-3 ${online ? 'border-tide' : 'border-sand'}`}
      >
        {!online
          ? t('certificates.verify.offline')
          : ours.isPending
            ? t('certificates.verify.preparing')
            : ours.error
              ? t('certificates.verify.noKeys')
              : t('certificates.verify.online')}
      </p>
      <FileInput onFile={read} onText={(text) => give('', text)} />
      {too_large && (
        <p role="alert" className="mt-3 font-semibold text-bad">
          {t('certificates.verify.large', { max: String(FILE_MB_MAX) })}
        </p>
      )}
      <Keys ours={ours.data} own={own} onOwn={setOwn} />
      {given && (
        <Section title={given.name || t('certificates.verify.pasted')} id="report">
          {!report && <p role="status">{t('certificates.verify.checking')}</p>}
          {report && (
            <>
              <p className="label mb-2">{t(`certificates.verify.fileIs.${report.form}`)}</p>
              <ReportView report={report} />
              <div className="mt-6 border-t border-rule pt-5">
                {replayable ? (
                  !replayed && (
                    <>
                      <p className="mb-3 text-soft">{t('certificates.verify.replaySays')}</p>
                      <button
                        type="button"
                        className="button button-main"
                        disabled={replay}
                        onClick={() => setReplay(true)}
                      >
                        {replay ? t('certificates.verify.replaying') : t('certificates.verify.replay')}
                      </button>
                    </>
                  )
                ) : (
                  <p className="text-soft">{t('certificates.verify.replayNone')}</p>
                )}
              </div>
            </>
          )}
        </Section>
      )}
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

function Keys({
  ours,
  own,
  onOwn,
}: {
  ours: Jwks | undefined
  own: Jwks | undefined
  onOwn: (keys: Jwks | undefined) => void
}) {
  const { t } = useWords()
  const [theirs, setTheirs] = useState(false)
  const [text, setText] = useState('')
  const name = useId()
  const bad = theirs && text.trim() !== '' && own === undefined
  const readKeys = (next: string) => {
    setText(next)
    onOwn(parseKeys(next))
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
            onChange={() => {
              setTheirs(false)
              onOwn(undefined)
            }}
          />
          {t('certificates.verify.keysOurs', { count: ours?.keys.length ?? 0 })}
        </label>
        <label className="flex min-h-9 items-center gap-2">
          <input
            type="radio"
            name={name}
            className="size-4 accent-tide"
            checked={theirs}
            onChange={() => {
              setTheirs(true)
              onOwn(parseKeys(text))
            }}
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
              onChange={(event) => readKeys(event.target.value)}
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
