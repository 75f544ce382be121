import { type Performance } from '@tidemark/core/models/serving-contract.ts'
import { useQuery } from '@tanstack/react-query'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Fact } from './CardPart.tsx'
import { axes, Chart } from './Chart.tsx'
import { Pill, type Tone } from './Health.tsx'
import { NoChampion } from './NoChampion.tsx'
import { Predictions } from './Predictions.tsx'
import { performanceQuery, type ModelInFull } from './queries.ts'
import { Scrolled } from './Scrolled.tsx'
import { useSignedPercent } from './Verdict.tsx'

const tones: Record<Performance['state'], Tone> = {
  measured: 'good',
  'too-few-outcomes': 'note',
  'no-outcomes': 'note',
}

/** How good the answers were, judged by the truth that came later. */
export function PerformancePart({ model }: { model: ModelInFull }) {
  const { t, format } = useWords()
  const asked = useQuery(performanceQuery(model.model_id))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  if (asked.data === null) return <NoChampion model={model} />
  const { version, state, outcomes, predictions, since, until, coverage, latency_us, days, recorded } = asked.data
  return (
    <>
      <Section
        title={t('models.performance.title')}
        id="performance"
        says={t('models.performance.says', { version, from: format.day(since), to: format.day(until) })}
      >
        <p className="flex flex-wrap items-center gap-3" data-testid="performance" data-state={state}>
          <Pill tone={tones[state]}>{t(`models.performance.state.${state}`)}</Pill>
          <span>{t(`models.performance.sentence.${state}`, { count: outcomes })}</span>
        </p>
        <dl className="mt-5 grid grid-cols-2 gap-x-8 gap-y-4 sm:grid-cols-4">
          <Fact name={t('models.performance.predictions')}>
            <Figure text={format.number(predictions)} />
          </Fact>
          <Fact name={t('models.performance.outcomes')}>
            <Figure text={format.number(outcomes)} />
          </Fact>
          {coverage.held !== null && coverage.level !== null && (
            <Fact name={t('models.performance.coverage', { level: format.share(coverage.level) })}>
              <Figure text={format.share(coverage.held)} />
            </Fact>
          )}
          {latency_us && (
            <Fact name={t('models.performance.latency')}>
              <Figure text={`${format.number(latency_us.p50)} / ${format.number(latency_us.p99)} µs`} />
            </Fact>
          )}
        </dl>
        {outcomes > 0 && <Then performance={asked.data} />}
        {days.length > 0 && <Days performance={asked.data} />}
        <p lang="en" className="mt-4 text-sm text-soft">
          {recorded}
        </p>
      </Section>
      <Predictions model={model} />
    </>
  )
}

function Figure({ text }: { text: string }) {
  return <span className="figures font-display text-2xl font-semibold">{text}</span>
}

/** What was promised on the rows kept aside, beside what came true. */
function Then({ performance }: { performance: Performance }) {
  const { t, format } = useWords()
  const percent = useSignedPercent()
  const { metrics, trained } = performance
  return (
    <Scrolled label={t('models.performance.atFirst')}>
      <thead>
        <tr>
          <th scope="col">{t('models.versions.metric')}</th>
          <th scope="col">{t('models.performance.trained')}</th>
          <th scope="col">{t('models.performance.live')}</th>
          <th scope="col">{t('models.compare.change')}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(metrics).map(([name, live]) => {
          const then = trained[name]
          return (
            <tr key={name}>
              <th scope="row" className="font-mono text-sm">
                {name}
              </th>
              <td className="figures">{then === undefined ? '–' : format.factor(then)}</td>
              <td className="figures">{format.factor(live)}</td>
              <td className="figures">
                {then === undefined || then === 0 ? '–' : percent((live - then) / Math.abs(then))}
              </td>
            </tr>
          )
        })}
      </tbody>
    </Scrolled>
  )
}

/** Day by day: how much was asked, how much of it came true, and the loss on that. */
function Days({ performance }: { performance: Performance }) {
  const { t, format } = useWords()
  const { days, trained } = performance
  const describe = t('models.performance.chartSays', {
    count: days.length,
    predictions: format.number(performance.predictions),
    outcomes: format.number(performance.outcomes),
  })
  return (
    <figure className="mt-6">
      <figcaption className="label">{t('models.performance.chart')}</figcaption>
      <Chart
        describe={describe}
        drawn={JSON.stringify(days)}
        height="h-80"
        option={(look) => {
          const { value, category, tooltip, soft } = axes(look)
          const bar = (name: string, colour: string, figures: number[]) => ({
            type: 'bar',
            name,
            barMaxWidth: 22,
            itemStyle: { color: look.colour(colour), borderRadius: [2, 2, 0, 0] },
            data: figures,
          })
          return {
            tooltip: { ...tooltip, trigger: 'axis' },
            legend: { textStyle: soft, top: 0, left: 0 },
            grid: { left: 4, right: 4, top: 56, bottom: 4, containLabel: true },
            xAxis: { type: 'category', data: days.map(({ day }) => format.day(day)), ...category },
            yAxis: [
              {
                type: 'value',
                minInterval: 1,
                name: look.narrow ? '' : t('models.performance.answers'),
                ...value,
                nameTextStyle: { ...soft, align: 'left' },
              },
              {
                type: 'value',
                min: 0,
                // What was promised is in sight also where it is missed by far.
                max: ({ max }: { max: number }) => 1.1 * Math.max(max, trained.loss ?? 0),
                name: look.narrow ? '' : t('models.runs.loss'),
                ...value,
                axisLabel: { ...value.axisLabel, showMaxLabel: false },
                nameTextStyle: { ...soft, align: 'right' },
                splitLine: { show: false },
              },
            ],
            series: [
              bar(
                t('models.performance.predictions'),
                'edge',
                days.map((day) => day.predictions),
              ),
              bar(
                t('models.performance.outcomes'),
                'tide',
                days.map((day) => day.outcomes),
              ),
              {
                type: 'line',
                name: t('models.runs.loss'),
                yAxisIndex: 1,
                symbolSize: 9,
                lineStyle: { color: look.colour('sand'), width: 2 },
                itemStyle: { color: look.colour('sand') },
                data: days.map(({ loss }) => loss),
                ...(trained.loss === undefined
                  ? {}
                  : {
                      markLine: {
                        symbol: 'none',
                        lineStyle: { color: look.colour('sand'), type: 'dashed' },
                        label: { ...soft, formatter: t('models.performance.trained'), position: 'insideEndTop' },
                        data: [{ yAxis: trained.loss }],
                      },
                    }),
              },
            ],
          }
        }}
      />
    </figure>
  )
}
