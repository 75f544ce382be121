import type { MethodResult } from '@tidemark/core/projects/method-result.ts'
import { methodWords } from '@tidemark/core/projects/words-of-decisions.ts'
import { useWords } from '../lib/i18n.ts'
import { shown, useSays } from './says.ts'

/** Every line that led to a result, with its numbers put in. Formulas and sources are English, as their publishers wrote them. */
export function FormulaSheet({ method }: { method: MethodResult }) {
  const { t, format, language } = useWords()
  const { word } = useSays()
  const name = t('projects.methods.sheet', { method: word(methodWords[method.method_id]) })
  return (
    <details className="card p-4">
      <summary className="font-semibold">{name}</summary>
      <div role="region" aria-label={name} tabIndex={0} className="mt-3 overflow-x-auto">
        <table className="figures w-full min-w-[44rem] text-[0.9375rem]">
          <thead>
            <tr className="text-left text-soft">
              {(['symbol', 'formula', 'substituted', 'value', 'source'] as const).map((each) => (
                <th key={each} scope="col" className="p-2 font-normal">
                  {t(`projects.methods.column.${each}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody lang="en">
            {method.lines.map((line) => (
              <tr key={`${line.symbol} ${line.substituted}`} className="border-t border-rule align-top">
                <th scope="row" className="p-2 text-left">
                  {shown(line.symbol, 'en')}
                </th>
                <td className="p-2 text-soft">{shown(line.formula, 'en')}</td>
                <td className="p-2 font-mono text-sm">{line.substituted}</td>
                <td className="p-2 whitespace-nowrap">
                  {format.factor(line.value)} {line.unit === '1' ? '' : shown(line.unit, language)}
                </td>
                <td className="p-2 text-sm text-soft">{line.source}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
