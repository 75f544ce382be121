import { useWords } from '../lib/i18n.ts'
import { axes, Chart, heightOf, type Look } from './Chart.tsx'
import type { Cell, Explanation } from './queries.ts'
import { fallsOf, type Fall } from './waterfall.ts'

/** One answer taken apart: from what is said of an average row to what is said of this one. */
export function Waterfall({ explanation, row }: { explanation: Explanation; row: Readonly<Record<string, Cell>> }) {
  const { t, format } = useWords()
  const signed = new Intl.NumberFormat(format.locale, { maximumSignificantDigits: 4, signDisplay: 'exceptZero' })
  const falls = fallsOf(explanation, row)
  const nameOf = ({ kind, name, value }: Fall): string => {
    if (kind !== 'field') return t(`models.waterfall.${kind}`)
    if (value === null || value === undefined) return `${name} = ${t('models.predict.unknown')}`
    return `${name} = ${typeof value === 'number' ? format.number(value) : String(value)}`
  }
  const labelOf = ({ kind, from, to }: Fall): string =>
    kind === 'base' || kind === 'total' ? format.number(to) : signed.format(to - from)
  const sentence = falls.map((fall) => `${nameOf(fall)}: ${labelOf(fall)}`).join('; ')
  return (
    <figure className="mt-6" data-testid="waterfall">
      <figcaption>
        <h3 className="text-lg">{t('models.waterfall.title')}</h3>
        <p className="text-[0.9375rem] text-soft">
          {t('models.waterfall.says')} <span lang="en">{explanation.says}</span>
        </p>
      </figcaption>
      <Chart
        describe={`${t('models.waterfall.title')}. ${sentence}`}
        drawn={sentence}
        height={heightOf(falls.length)}
        option={(look) => waterfallOption(look, falls, nameOf, labelOf)}
      />
    </figure>
  )
}

interface Api {
  value: (dimension: number) => number
  coord: (point: readonly [number, number]) => readonly [number, number]
  size: (span: readonly [number, number]) => readonly [number, number]
}

function waterfallOption(
  look: Look,
  falls: readonly Fall[],
  nameOf: (fall: Fall) => string,
  labelOf: (fall: Fall) => string,
) {
  const { value, category } = axes(look)
  const shown = falls.flatMap(({ kind, from, to }) => (kind === 'base' || kind === 'total' ? [to] : [from, to]))
  const [low, high] = [Math.min(...shown), Math.max(...shown)]
  const span = high - low || Math.abs(high) || 1
  const room = 0.18 * span
  // Figures stand right of their bars; on a phone they take half of the width.
  const room_right = look.narrow ? 0.5 * span : room
  const colourOf = ({ kind, from, to }: Fall) =>
    look.colour(kind === 'base' || kind === 'total' ? 'edge' : to >= from ? 'scope2' : 'sand')
  return {
    grid: { left: 4, right: 16, top: 8, bottom: 4, containLabel: true },
    xAxis: {
      type: 'value',
      min: low - room,
      max: high + room_right,
      ...value,
      splitNumber: look.narrow ? 2 : 5,
      axisLabel: { ...value.axisLabel, showMinLabel: false, showMaxLabel: false },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: falls.map(nameOf),
      ...category,
      axisLabel: { ...look.font, width: look.narrow ? 110 : 190, overflow: 'truncate' },
    },
    series: [
      {
        type: 'custom',
        clip: true,
        data: falls.map(({ from, to }, index) => [index, from, to]),
        renderItem: (_params: unknown, api: Api) => {
          const index = api.value(0)
          const fall = falls[index]
          if (!fall) return undefined
          const whole = fall.kind === 'base' || fall.kind === 'total'
          const [x_from, y] = api.coord([whole ? low - room : api.value(1), index])
          const [x_to] = api.coord([api.value(2), index])
          const height = 0.6 * api.size([0, 1])[1]
          const [left, width] = [Math.min(x_from, x_to), Math.max(1, Math.abs(x_to - x_from))]
          const to_right = x_to >= x_from
          return {
            type: 'group',
            children: [
              { type: 'rect', shape: { x: left, y: y - height / 2, width, height }, style: { fill: colourOf(fall) } },
              {
                type: 'text',
                style: {
                  text: labelOf(fall),
                  x: to_right ? left + width + 5 : left - 5,
                  y,
                  fill: look.font.color,
                  font: `600 13px ${look.font.fontFamily}`,
                  align: to_right ? 'left' : 'right',
                  verticalAlign: 'middle',
                },
              },
            ],
          }
        },
      },
    ],
  }
}
