import {
  addDocument,
  addPeriod,
  citeSeries,
  documentKinds,
  getDocument,
  type Period,
  type Project,
} from '@tidemark/core/projects/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { addressOf, call, upload } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { allowedTo } from '../lib/rights.ts'
import { measureName, sensorUnit } from '../telemetry/names.ts'
import { deviceQuery, devicesQuery } from '../telemetry/queries.ts'
import { Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { Section } from '../ui/Page.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { documentsQuery, periodsQuery, projectKey } from './queries.ts'

/** Monitoring periods with the sensors that speak for them, and the documents of the project. */
export function MonitoringPart({ project }: { project: Project }) {
  const { t, language } = useWords()
  const me = useMe()
  const open = project.state !== 'withdrawn'
  const may_manage = open && allowedTo('projects.manage', me, language).allowed
  const may_upload = open && allowedTo('projects.upload', me, language).allowed
  const periods = useQuery(periodsQuery(project.id)).data?.periods
  const documents = useQuery(documentsQuery(project.id)).data?.documents
  return (
    <>
      <Section title={t('projects.periods.title')} says={t('projects.periods.says')} id="periods">
        {periods?.length === 0 && <Empty>{t('projects.periods.none')}</Empty>}
        <ul className="space-y-4">
          {periods?.map((period) => (
            <OnePeriod key={period.period_id} project={project} period={period} may_cite={may_upload} />
          ))}
        </ul>
        {may_manage && <NewPeriod project={project} />}
      </Section>
      <Section title={t('projects.documents.title')} says={t('projects.documents.says')} id="documents">
        {documents?.length === 0 && <Empty>{t('projects.documents.none')}</Empty>}
        {documents !== undefined && documents.length > 0 && <Documents documents={documents} />}
        {may_upload && <NewDocument project={project} />}
      </Section>
    </>
  )
}

type Citation = Period['citations'][number]

function OnePeriod({ project, period, may_cite }: { project: Project; period: Period; may_cite: boolean }) {
  const { t, format } = useWords()
  return (
    <li className="card p-4 sm:p-5">
      <h3 className="text-lg">{period.name}</h3>
      <p className="text-soft">
        {format.day(period.from)} – {format.day(period.to)}
      </p>
      {period.note !== null && <p className="mt-1 whitespace-pre-line">{period.note}</p>}
      <ul aria-label={t('projects.periods.sensors')} className="mt-3 space-y-3">
        {period.citations.map((citation) => (
          <Cited key={citation.citation_id} citation={citation} />
        ))}
      </ul>
      {may_cite && <Cite project={project} period={period} />}
    </li>
  )
}

function Cited({ citation }: { citation: Citation }) {
  const { t, format, language } = useWords()
  const { mean, min, max, unit, quality_score, simulated } = citation
  const figure = (value: number | null) => (value === null ? '–' : `${format.number(value)} ${sensorUnit(unit)}`)
  return (
    <li className="border-l-4 border-tide pl-3">
      <p className="font-semibold">
        {measureName(citation.measure, language)} · {citation.sensor_id}
        {simulated && (
          <span className="ml-2 rounded bg-sand-wash px-1.5 text-sm text-sand-ink">
            {t('projects.periods.simulated')}
          </span>
        )}
      </p>
      <p className="figures text-[0.9375rem]">
        {t('projects.periods.figures', { mean: figure(mean), min: figure(min), max: figure(max) })}
      </p>
      <p className="figures text-[0.9375rem] text-soft">
        {t('projects.periods.quality', {
          score: quality_score === null ? '–' : format.number(quality_score),
          coverage: format.share(citation.coverage_fraction),
          readings: format.number(citation.readings),
          left_out: format.number(citation.not_counted),
        })}
      </p>
      <p className="font-mono text-xs text-soft wrap-anywhere">{citation.digest}</p>
    </li>
  )
}

function Cite({ project, period }: { project: Project; period: Period }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const [device_id, setDevice] = useState('')
  const [series_id, setSeries] = useState('')
  const devices = useQuery(devicesQuery()).data?.devices ?? []
  const series = useQuery({ ...deviceQuery(device_id), enabled: device_id !== '' }).data?.series ?? []
  const cite = useMutation({
    mutationFn: () => call(citeSeries, { period_id: period.period_id, series_id: Number(series_id) }),
    onSuccess: () => client.invalidateQueries({ queryKey: projectKey(project.id) }),
  })
  if (devices.length === 0) return <p className="mt-3 text-[0.9375rem] text-soft">{t('projects.periods.noDevices')}</p>
  const none = { value: '', text: t('projects.periods.choose') }
  return (
    <details className="mt-4">
      <summary className="font-semibold">{t('projects.periods.cite')}</summary>
      <Form className="mt-3 space-y-4" onSubmit={() => series_id !== '' && cite.mutate()}>
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label={t('projects.periods.device')}
            value={device_id}
            options={[none, ...devices.map(({ device_id: id, name }) => ({ value: id, text: name }))]}
            onChange={(id) => {
              setDevice(id)
              setSeries('')
            }}
          />
          <SelectField
            label={t('projects.periods.series')}
            value={series_id}
            disabled={series.length === 0}
            options={[
              none,
              ...series.map((each) => ({ value: String(each.series_id), text: measureName(each.measure, language) })),
            ]}
            onChange={setSeries}
          />
        </div>
        <ActionProblem action={cite} />
        <Submit plain busy={cite.isPending}>
          {t('projects.periods.citeDo')}
        </Submit>
      </Form>
    </details>
  )
}

function NewPeriod({ project }: { project: Project }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [draft, setDraft] = useState({ name: '', from: '', to: '' })
  const [tries, setTries] = useState(0)
  const add = useMutation({
    mutationFn: () => call(addPeriod, { project_id: project.id, ...draft }),
    onSuccess: () => {
      setDraft({ name: '', from: '', to: '' })
      setTries(0)
      return client.invalidateQueries({ queryKey: projectKey(project.id) })
    },
  })
  const fault = (name: keyof typeof draft) =>
    tries > 0 && draft[name].trim() === ''
      ? t('projects.fault.needed')
      : tries > 0 && name === 'to' && draft.to < draft.from
        ? t('projects.periods.backwards')
        : undefined
  const field = (name: keyof typeof draft, type: 'text' | 'date') => (
    <TextField
      label={t(`projects.periods.${name}`)}
      type={type}
      maxLength={200}
      value={draft[name]}
      fault={fault(name)}
      onChange={(value) => setDraft({ ...draft, [name]: value })}
    />
  )
  return (
    <details className="mt-5">
      <summary className="font-semibold">{t('projects.periods.add')}</summary>
      <Form
        className="mt-3 space-y-4"
        refused={add.error ?? tries}
        onSubmit={() => {
          setTries(tries + 1)
          if (draft.name.trim() !== '' && draft.from !== '' && draft.to >= draft.from) add.mutate()
        }}
      >
        <div className="grid items-start gap-4 sm:grid-cols-3">
          {field('name', 'text')}
          {field('from', 'date')}
          {field('to', 'date')}
        </div>
        <ActionProblem action={add} />
        <Submit plain busy={add.isPending}>
          {t('projects.periods.add')}
        </Submit>
      </Form>
    </details>
  )
}

function Documents({
  documents,
}: {
  documents: readonly {
    document_id: string
    name: string
    kind: (typeof documentKinds)[number]
    bytes: number
    added_at: string
  }[]
}) {
  const { t, format } = useWords()
  return (
    <Rows label={t('projects.documents.title')}>
      {documents.map(({ document_id, name, kind, bytes, added_at }) => (
        <Row
          key={document_id}
          title={name}
          says={`${t(`projects.documents.kind.${kind}`)} · ${format.bytes(bytes)} · ${format.day(added_at)}`}
        >
          <a
            className="button button-plain button-small"
            href={addressOf(getDocument, { document_id })}
            download={name}
          >
            {t('app.download')}
          </a>
        </Row>
      ))}
    </Rows>
  )
}

function NewDocument({ project }: { project: Project }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [kind, setKind] = useState<(typeof documentKinds)[number]>('design')
  const add = useMutation({
    mutationFn: (file: File) => upload(addDocument, { project_id: project.id, name: file.name, kind }, file),
    onSuccess: () => client.invalidateQueries({ queryKey: projectKey(project.id) }),
  })
  return (
    <div className="mt-5 grid items-end gap-4 sm:grid-cols-2">
      <SelectField
        label={t('projects.documents.what')}
        value={kind}
        options={documentKinds.map((each) => ({ value: each, text: t(`projects.documents.kind.${each}`) }))}
        onChange={(value) => setKind(value as typeof kind)}
      />
      <label className="block">
        <span className="mb-1 block font-semibold">{t('projects.documents.add')}</span>
        <input
          type="file"
          accept=".pdf,.png,.jpg,.jpeg,.txt,.csv"
          className="field file:mr-3 file:rounded file:border-0 file:bg-wash file:px-3 file:py-1 file:font-semibold file:text-tide"
          onChange={({ target }) => target.files?.[0] && add.mutate(target.files[0])}
        />
      </label>
      <div className="sm:col-span-2">
        <ActionProblem action={add} />
      </div>
    </div>
  )
}
