import { useWords } from '../lib/i18n.ts'

export function Loading() {
  const { t } = useWords()
  return (
    <p role="status" className="py-16 text-center text-soft">
      {t('app.loading')}
    </p>
  )
}
