import { exportVersion, fetchArtifact, type Version } from '@tidemark/core/models/contract.ts'
import { addressOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { CopyableValue } from '../ui/Copyable.tsx'
import { ImportanceBars } from './ImportanceBars.tsx'
import { Gates } from './Verdict.tsx'

/** What a version follows from, how it did, and what each gate found. */
export function VersionDetail({ version }: { version: Version }) {
  const { t, format } = useWords()
  const { model_id, record, verdict, evaluation, metrics, artifact_sha256, artifact_bytes } = version
  const about = { model_id, version: version.version }
  return (
    <div className="space-y-6 rounded-card bg-ground p-4">
      {verdict && (
        <div>
          <h3 className="text-lg">{t('models.gate.title')}</h3>
          <Gates gates={verdict.gates} />
        </div>
      )}
      {Object.keys(metrics).length > 0 && (
        <div>
          <h3 className="text-lg">{t('models.versions.metrics')}</h3>
          <dl className="mt-2 flex flex-wrap gap-x-8 gap-y-2">
            {Object.entries(metrics).map(([name, value]) => (
              <div key={name}>
                <dt className="label font-mono">{name}</dt>
                <dd className="figures font-semibold">{format.factor(value)}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
      {evaluation && evaluation.importance.length > 0 && (
        <div>
          <h3 className="text-lg">{t('models.importance.title')}</h3>
          <p className="text-[0.9375rem] text-soft">{t('models.importance.permutation')}</p>
          <ImportanceBars
            bars={evaluation.importance.map(({ feature, importance, deviation }) => ({
              name: feature,
              value: importance,
              deviation,
            }))}
          />
        </div>
      )}
      <div>
        <h3 className="text-lg">{t('models.lineage.title')}</h3>
        <p className="max-w-prose text-[0.9375rem] text-soft">{t('models.lineage.says')}</p>
        <dl className="mt-2">
          <CopyableValue name={t('models.lineage.artifact')} value={artifact_sha256} />
          {record && (
            <>
              <CopyableValue name={t('models.lineage.data')} value={record.data_sha256} />
              <CopyableValue name={t('models.lineage.code')} value={record.code_version} />
              <CopyableValue name={t('models.lineage.seed')} value={String(record.recipe.seed)} />
            </>
          )}
        </dl>
        <p className="mt-3 flex flex-wrap gap-x-5 gap-y-1">
          <a className="link py-1" href={addressOf(fetchArtifact, about)} download>
            {t('models.lineage.download', { size: format.bytes(artifact_bytes) })}
          </a>
          <a className="link py-1" href={addressOf(exportVersion, about)} download>
            {t('models.lineage.export')}
          </a>
        </p>
      </div>
    </div>
  )
}
