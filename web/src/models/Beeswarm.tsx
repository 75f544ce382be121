import type { Version } from '@tidemark/core/models/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { axes, Chart, heightOf, type Look } from './Chart.tsx'
import { ImportanceBars } from './ImportanceBars.tsx'
import { swarmQuery } from './queries.ts'
import { swarmOf, type Dot } from './waterfall.ts'

const FIELDS_MAX = 12

/** What every field added to many answers at once: each dot is one row of the data. Asked for, because it takes a moment. */
export function Beeswarm({ version }: { version: Version }) {
  const { t } = useWords()
  const [wanted, setWanted] = useState(false)
  if (!wanted) {
    return (
      <button type="button" className="button button-plain" onClick={() => setWanted(true)}>
        {t('models.swarm.do')}
      </button>
    )
  }
  return <Swarm version={version} />
}

function Swarm({ version }: { version: Version }) {
  const { t, format } = useWords()
  const { model_id, record, signature, version: number } = version
  const inputs = signature.inputs.map(({ name }) => name)
  const data = { dataset_id: record?.dataset_id ?? '', dataset_version: record?.dataset_version ?? 1 }
  const asked = useQuery(swarmQuery(model_id, number, data, inputs))
  if (asked.isPending) return <Loading />
  if (isProblem(asked.error, 'models/not-explainable')) return <p>{t('models.predict.notExplained')}</p>
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { rows, explanations } = asked.data
  const fields = inputs
    .map((name) => {
      const dots = swarmOf(name, rows, explanations)
      return { name, dots, mean: dots.reduce((sum, dot) => sum + Math.abs(dot.contribution), 0) / (dots.length || 1) }
    })
    .sort((a, b) => b.mean - a.mean)
    .slice(0, FIELDS_MAX)
  const described = fields.map(({ name, mean }) => `${name}: ${format.number(mean)}`).join('; ')
  return (
    <figure data-testid="beeswarm">
      <p className="text-[0.9375rem] text-soft">{t('models.swarm.rows', { count: rows.length })}</p>
      <Chart
        describe={`${t('models.swarm.title')}. ${t('models.swarm.mean')}: ${described}`}
        drawn={`${number} ${rows.length} ${described}`}
        height={heightOf(fields.length * 1.5 + 1)}
        option={(look) => swarmOption(look, fields)}
      />
      <p className="mb-4 flex flex-wrap items-center gap-x-3 text-sm text-soft">
        <span aria-hidden="true" className="h-2 w-24 rounded bg-linear-to-r from-scope1 to-scope3" />
        {t('models.swarm.colours')}
      </p>
      <h3 className="text-lg">{t('models.swarm.mean')}</h3>
      <ImportanceBars bars={fields.map(({ name, mean }) => ({ name, value: mean }))} />
    </figure>
  )
}

function swarmOption(look: Look, fields: readonly { name: string; dots: readonly Dot[] }[]) {
  const { value, category, tooltip } = axes(look)
  const [low, high] = [look.colour('scope1'), look.colour('scope3')]
  const points = fields.flatMap(({ name, dots }, index) =>
    dots.map((dot) => ({
      value: [dot.contribution, index + 0.9 * dot.aside],
      name: `${name} = ${dot.value === null ? '–' : String(dot.value)}`,
      itemStyle: { color: dot.rank === undefined ? look.colour('edge') : mixed(low, high, dot.rank), opacity: 0.85 },
    })),
  )
  return {
    tooltip: {
      ...tooltip,
      formatter: ({ name, value: at }: { name: string; value: number[] }) => `${name}: ${at[0]?.toPrecision(4)}`,
    },
    grid: { left: look.narrow ? 110 : 180, right: 16, top: 8, bottom: 28 },
    // Its marks would stand in the middle of the first feature, where the other axis is zero.
    xAxis: {
      type: 'value',
      ...value,
      axisTick: { show: false },
      axisLine: { show: false, onZero: false },
      splitNumber: look.narrow ? 3 : 6,
    },
    yAxis: [
      { type: 'value', min: -0.6, max: fields.length - 0.4, inverse: true, show: false },
      {
        type: 'category',
        inverse: true,
        position: 'left',
        data: fields.map(({ name }) => name),
        ...category,
        axisLabel: { ...look.font, width: look.narrow ? 100 : 170, overflow: 'truncate' },
      },
    ],
    series: [
      { type: 'scatter', symbolSize: look.narrow ? 5 : 6, data: points, yAxisIndex: 0 },
      // The names stand on an axis of their own, which shows only with a series on it.
      { type: 'scatter', data: [], yAxisIndex: 1 },
    ],
  }
}

/** A colour between two that are written as #rrggbb. */
function mixed(from: string, to: string, share: number): string {
  const part = (text: string, place: number) => Number.parseInt(text.slice(1 + 2 * place, 3 + 2 * place), 16)
  const parts = [0, 1, 2].map((place) => Math.round(part(from, place) + share * (part(to, place) - part(from, place))))
  return `rgb(${parts.join(', ')})`
}
