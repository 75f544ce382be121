import type { Site } from '@tidemark/core/sites/contract.ts'
import { removeWaveform, type WaveformRecord } from '@tidemark/core/sites/maintenance-contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Confirm } from '../ui/Dialog.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { instantIn } from './figures.ts'
import { inWords, standingOut } from './vibration.ts'

/** Every recording with what stood out in it, the newest first. */
export function WaveformRows({
  site,
  asset_id,
  waveforms,
  total,
  shown,
}: {
  site: Site
  asset_id: string
  waveforms: readonly WaveformRecord[]
  total: number
  shown: string
}) {
  const { t, format, language } = useWords()
  const client = useQueryClient()
  const allowed = allowedTo('sites.operate', useMe(), language)
  const [asking, setAsking] = useState<WaveformRecord>()
  const remove = useMutation({
    mutationFn: (waveform_id: string) => call(removeWaveform, { id: site.id, asset_id, waveform_id }),
    onSuccess: async () => {
      setAsking(undefined)
      await client.invalidateQueries({ queryKey: ['sites', 'waveforms', site.id] })
      void client.invalidateQueries({ queryKey: ['sites', 'maintenance', site.id] })
    },
  })
  return (
    <>
      <Rows label={t('sites.vibration.all')}>
        {waveforms.map((waveform) => {
          const { id, captured_at, features, rpm, sample_count, sample_rate_hz, unit, has_samples } = waveform
          const parts = standingOut(waveform).map(({ part }) => t(`sites.vibration.part.${part}`))
          return (
            <Row
              key={id}
              title={
                <>
                  <Link
                    to={paths.vibration}
                    params={{ id: site.id, asset: asset_id }}
                    search={{ at: id }}
                    className="link"
                    aria-current={id === shown ? 'true' : undefined}
                  >
                    {instantIn(captured_at, site.time_zone, format)}
                  </Link>
                  {id === shown && <span className="ml-2 font-normal text-soft">{t('sites.vibration.isShown')}</span>}
                </>
              }
              says={
                <>
                  <p className="figures">
                    {t('sites.vibration.recorded', {
                      seconds: format.number(sample_count / sample_rate_hz),
                      rate: format.number(sample_rate_hz),
                    })}
                    {rpm !== null && `, ${t('sites.vibration.turning', { rpm: format.number(rpm) })}`}
                    {`, ${t('sites.vibration.strength', { rms: `${format.number(features.rms)}\u00A0${t(`sites.vibration.unitShort.${unit}`)}` })}`}
                  </p>
                  {parts.length > 0 && (
                    <p className="font-semibold text-bad">
                      {t('sites.vibration.stands', { parts: inWords(parts, language) })}
                    </p>
                  )}
                  {!has_samples && <p>{t('sites.vibration.letGo')}</p>}
                </>
              }
            >
              <GuardedButton allowed={{ allowed: allowed.allowed }} small onClick={() => setAsking(waveform)}>
                {t('sites.vibration.remove')}
              </GuardedButton>
            </Row>
          )
        })}
      </Rows>
      {total > waveforms.length && (
        <p className="mt-3 text-soft">{t('sites.vibration.more', { count: waveforms.length, total })}</p>
      )}
      <Confirm
        open={asking !== undefined}
        title={t('sites.vibration.removeSure', {
          when: asking ? instantIn(asking.captured_at, site.time_zone, format) : '',
        })}
        says={t('sites.vibration.removeSays')}
        action={t('sites.vibration.remove')}
        busy={remove.isPending}
        problem={<ActionProblem action={remove} />}
        onConfirm={() => asking && remove.mutate(asking.id)}
        onClose={() => setAsking(undefined)}
      />
    </>
  )
}
