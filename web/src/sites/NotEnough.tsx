import { useWords } from '../lib/i18n.ts'
import { isProblem } from '../lib/api.ts'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'

/**
 * Why there is no answer. Too few readings are no mistake of anybody's: then it is said how much is missing, and when to look
 * again.
 */
export function NotEnough({ error, retry, says }: { error: Error; retry: () => void; says: string }) {
  const { t } = useWords()
  if (!isProblem(error, 'sites/insufficient-data')) return <ProblemPanel error={error} retry={retry} />
  return (
    <div className="card border-sand p-6">
      <p className="text-lg font-semibold">{t('sites.notEnough.title')}</p>
      <p className="mt-1 max-w-prose text-soft">{says}</p>
      {error.detail !== undefined && (
        <p lang="en" className="mt-3 border-l-2 border-sand pl-3">
          {error.detail}
        </p>
      )}
      <ul className="mt-2 list-disc pl-6" lang="en">
        {error.faults.map(({ path, message }) => (
          <li key={path}>{message}</li>
        ))}
      </ul>
    </div>
  )
}
