import type { Me } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { stateQuery } from '../lib/me.ts'
import { confirmByPasskey, knowsPasskeys } from '../lib/passkeys.ts'
import { paths } from '../lib/paths.ts'
import { ActionButton } from './ActionButton.tsx'
import { ProblemPanel } from './ProblemPanel.tsx'

/** Said in place of an organisation's pages to whoever acts for none, with the next step. */
export function NoOrganisation({ me }: { me: Me }) {
  const { t } = useWords()
  if (me.second_factor_required_by !== null) return <FactorWall me={me} name={me.second_factor_required_by.name} />
  return (
    <div className="card border-sand p-6">
      <p className="text-lg font-semibold">{t('signed.noOrganisation.title')}</p>
      <p className="mt-1 max-w-prose text-soft">{t('signed.noOrganisation.says')}</p>
      <Link to={paths.organisation} hash="create" className="button button-main mt-4">
        {t('signed.noOrganisation.do')}
      </Link>
    </div>
  )
}

/** The organisation wants two factors, and this session has shown one: show the passkey, or set something up. */
export function FactorWall({ me, name }: { me: Me; name: string }) {
  const { t } = useWords()
  const client = useQueryClient()
  const here = useQuery(stateQuery()).data?.instance.passkeys.usable === true && knowsPasskeys()
  const confirm = useMutation({ mutationFn: confirmByPasskey, onSuccess: () => client.invalidateQueries() })
  const has_passkey = here && me.person.passkeys > 0
  return (
    <div className="card border-sand p-6" data-testid="factor-wall">
      <p className="text-lg font-semibold">{t('signed.wall.title', { name })}</p>
      <p className="mt-1 max-w-prose text-soft">{t(has_passkey ? 'signed.wall.passkeySays' : 'signed.wall.says')}</p>
      {has_passkey ? (
        <ActionButton className="button button-main mt-4" busy={confirm.isPending} onClick={() => confirm.mutate()}>
          {t('signed.wall.passkeyDo')}
        </ActionButton>
      ) : (
        <Link to={paths.security} hash="second-factor" className="button button-main mt-4">
          {t('signed.wall.do')}
        </Link>
      )}
      {confirm.error && (
        <div className="mt-4">
          <ProblemPanel error={confirm.error} />
        </div>
      )}
    </div>
  )
}
