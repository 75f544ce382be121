import type { SiteMetrics } from '@tidemark/core/sites/metrics-contract.ts'
import { useWords } from '../lib/i18n.ts'
import { energy, money, signedPower } from './figures.ts'

/** What the total is made of. */
export function Bill({ bill }: { bill: NonNullable<SiteMetrics['cost']> }) {
  const { t, format } = useWords()
  const say = (value: number) => money(value, bill.currency, format)
  const periods = Object.entries(bill.by_period)
  return (
    <details className="card mt-4 p-4">
      <summary className="font-semibold">{t('sites.bill.title')}</summary>
      <div className="mt-3 overflow-x-auto" tabIndex={0} role="region" aria-label={t('sites.bill.title')}>
        <table className="figures w-full min-w-72 text-[0.9375rem]">
          <tbody>
            {periods.map(([name, { import_kwh, cost }]) => (
              <Line
                key={name}
                name={name === '' ? t('sites.bill.otherwise') : name}
                says={energy(import_kwh, format)}
                value={say(cost)}
              />
            ))}
            {bill.peaks.map(({ month, peak_kw, charge }) => (
              <Line
                key={month}
                name={t('sites.bill.peak', { month })}
                says={signedPower(peak_kw, format)}
                value={say(charge)}
              />
            ))}
            {bill.fixed !== 0 && <Line name={t('sites.bill.fixed')} value={say(bill.fixed)} />}
            {bill.export_credit !== 0 && <Line name={t('sites.bill.export')} value={say(-bill.export_credit)} />}
            <tr className="border-t-2 border-edge font-semibold">
              <th scope="row" colSpan={2} className="py-1.5 text-left">
                {t('sites.bill.total')}
              </th>
              <td className="py-1.5 text-right">{say(bill.total)}</td>
            </tr>
          </tbody>
        </table>
      </div>
      <p className="mt-2 text-sm text-soft">{t('sites.bill.says')}</p>
    </details>
  )
}

function Line({ name, says = '', value }: { name: string; says?: string; value: string }) {
  return (
    <tr className="border-t border-rule">
      <th scope="row" className="py-1.5 pr-3 text-left font-normal">
        {name}
      </th>
      <td className="py-1.5 pr-3 text-right text-soft">{says}</td>
      <td className="py-1.5 text-right whitespace-nowrap">{value}</td>
    </tr>
  )
}
