import { coverClasses, type MeasuredPair } from '@tidemark/core/projects/measurement.ts'
import type { z } from 'zod'
import { useWords } from '../lib/i18n.ts'

/** From which class to which, in hectares: a row is what was there before, a column what is there now. */
export function Transitions({ measured }: { measured: z.infer<typeof MeasuredPair> }) {
  const { t, format } = useWords()
  const { transitions, classes } = measured
  if (transitions === null) return <p className="text-soft">{t('projects.classes.noMatrix')}</p>
  const cells = transitions.ha ?? transitions.px
  const unit = transitions.ha === null ? t('projects.classes.pixels') : 'ha'
  const most = Math.max(1e-9, ...cells.flat())
  return (
    <div
      role="region"
      aria-label={t('projects.classes.table', { unit })}
      tabIndex={0}
      className="relative overflow-x-auto"
    >
      <table className="figures w-full min-w-[34rem] text-right" data-testid="transitions">
        <caption className="mb-2 text-left text-[0.9375rem] text-soft">
          {t('projects.classes.caption', { unit })}
        </caption>
        <thead>
          <tr>
            <th scope="col" className="p-2 text-left font-normal text-soft">
              {t('projects.classes.corner')}
            </th>
            {coverClasses.map((name) => (
              <th key={name} scope="col" className="p-2">
                {t(`projects.cover.${name}`)}
              </th>
            ))}
            <th scope="col" className="p-2 font-normal text-soft">
              {t('projects.classes.before')}
            </th>
          </tr>
        </thead>
        <tbody>
          {coverClasses.map((from, row) => (
            <tr key={from} className="border-t border-rule">
              <th scope="row" className="p-2 text-left">
                {t(`projects.cover.${from}`)}
              </th>
              {coverClasses.map((to, column) => (
                <Cell key={to} value={cells[row]?.[column] ?? 0} most={most} kind={kindOf(row, column)} />
              ))}
              <td className="p-2 text-soft">{format.number(sumOf(cells[row]))}</td>
            </tr>
          ))}
          <tr className="border-t border-rule text-soft">
            <th scope="row" className="p-2 text-left font-normal">
              {t('projects.classes.after')}
            </th>
            {coverClasses.map((to, column) => (
              <td key={to} className="p-2">
                {format.number(sumOf(cells.map((row) => row[column] ?? 0)))}
              </td>
            ))}
            <td className="p-2">{format.number(sumOf(cells.flat()))}</td>
          </tr>
        </tbody>
      </table>
      {classes.length > 0 && (
        <p className="mt-2 text-left text-sm text-soft">
          {t('projects.classes.bounds', {
            profile: measured.class_profile.id,
            bounds: measured.class_profile.bounds.map((each) => format.number(each)).join(' · '),
          })}
        </p>
      )}
    </div>
  )
}

type Kind = 'same' | 'more' | 'less' | 'water'

/** Classes stand from bare to dense; what goes to or comes from water is neither gain nor loss. */
function kindOf(row: number, column: number): Kind {
  if (row === column) return 'same'
  if (row === 0 || column === 0) return 'water'
  return column > row ? 'more' : 'less'
}

const tints: Record<Kind, string> = {
  same: 'var(--edge)',
  more: 'var(--tide)',
  less: 'var(--bad)',
  water: 'var(--scope1)',
}

function Cell({ value, most, kind }: { value: number; most: number; kind: Kind }) {
  const { t, format } = useWords()
  // Never so dark that the figure on it cannot be read.
  const heat = value === 0 ? 0 : 8 + 27 * Math.sqrt(value / most)
  return (
    <td
      className={`p-2 ${value === 0 ? 'text-soft' : 'font-semibold'}`}
      style={{ background: `color-mix(in srgb, ${tints[kind]} ${heat.toFixed(0)}%, var(--surface))` }}
    >
      {value === 0 ? '·' : format.number(value)}
      {value > 0 && kind !== 'same' && <span className="sr-only"> {t(`projects.classes.kind.${kind}`)}</span>}
    </td>
  )
}

function sumOf(values: readonly number[] | undefined): number {
  return (values ?? []).reduce((sum, each) => sum + each, 0)
}
