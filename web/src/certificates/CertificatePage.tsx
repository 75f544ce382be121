import { Bundle, Certificate as AnyCertificate, type Report } from '@tidemark/core/certificates/contract.ts'
import type { SignedCertificate } from '@tidemark/core/certificates/document.ts'
import type { Kind } from '@tidemark/core/certificates/kinds/kind.ts'
import { kindOf, kinds, type CertificateKind, type StatedOf } from '@tidemark/core/certificates/kinds/kinds.ts'
import { flatKinds } from '@tidemark/core/certificates/seed-form.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Command, CopyableValue } from '../ui/Copyable.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Page, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { bundleAddress, bundleQuery, documentAddress, keysQuery, reportQuery, seedAddress } from './queries.ts'
import { ReportView } from './ReportView.tsx'
import { statedRows, type StatedRow } from './stated-rows.ts'

const route = getRouteApi(paths.certificate)

export function CertificatePage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('certificates.page.title')}>
      <Certificate />
    </InOrganisation>
  )
}

function Certificate() {
  const { id } = route.useParams()
  const { t } = useWords()
  const bundle = useQuery(bundleQuery(id))
  const keys = useQuery(keysQuery())
  const report = useQuery({
    ...reportQuery({ id, text: bundle.data ?? '' }, keys.data ?? { keys: [] }, { replay: true }),
    enabled: bundle.data !== undefined && keys.data !== undefined,
  }).data
  const error = bundle.error ?? keys.error
  return (
    <Page
      title={t('certificates.page.title')}
      {...(bundle.data === undefined ? {} : { lead: <Statement text={bundle.data} /> })}
    >
      {error ? (
        <>
          <ProblemPanel error={error} retry={() => void Promise.all([bundle.refetch(), keys.refetch()])} />
          <p className="mt-6">
            <Link to={paths.calculations} className="link">
              {t('footprint.list.says')}
            </Link>
          </p>
        </>
      ) : report === undefined || bundle.data === undefined ? (
        <Loading />
      ) : (
        <>
          <ReportView report={report} />
          <Downloads id={id} text={bundle.data} />
          <Numbers text={bundle.data} report={report} />
          <Tools id={id} {...(report.stated?.kid === undefined ? {} : { kid: report.stated.kid })} />
        </>
      )}
    </Page>
  )
}

interface Read {
  kind: CertificateKind
  certificate: SignedCertificate
  bundle: Bundle
}

/** What the server sent, if it has the form of a bundle. The verifier has the last word on it. */
function readBundle(text: string): Read | undefined {
  try {
    const bundle = Bundle.parse(JSON.parse(text))
    const certificate = AnyCertificate.parse(bundle.certificate) as SignedCertificate
    const kind = kindOf(certificate)
    return kind && { kind, bundle, certificate }
  } catch {
    return undefined
  }
}

function Statement({ text }: { text: string }) {
  const { t, format } = useWords()
  const read = useMemo(() => readBundle(text), [text])
  if (!read) return null
  const { credentialSubject: subject, issuer, validFrom } = read.certificate
  const name = read.bundle.disclosure?.subject.name
  return (
    <>
      <p className="text-ink">
        {'totals' in subject ? <EmissionSays issuer={issuer.name} subject={subject} /> : <Says read={read} />}
      </p>
      <p className="mt-2 text-base">
        {name === undefined ? t('certificates.page.anonymous') : t('certificates.page.about', { name })}
      </p>
      <p className="mt-2 text-base">
        {t('certificates.page.issued', { when: format.instant(validFrom) })}
        {'calculationId' in subject && (
          <>
            {' · '}
            <Link to={paths.calculation} params={{ id: subject.calculationId }} className="link">
              {t('certificates.page.calculation')}
            </Link>
          </>
        )}
      </p>
    </>
  )
}

/** What a certificate of another kind says is one sentence, the same as a report has it. */
function Says({ read }: { read: Read }) {
  const { language } = useWords()
  const kind: Kind = kinds[read.kind]
  const [en, fr] = kind.says(read.certificate.credentialSubject)
  return language === 'fr' ? fr : en
}

function EmissionSays({ issuer, subject }: { issuer: string; subject: StatedOf<'emission_calculation'> }) {
  const { t, format } = useWords()
  const amount = (decimal: string) => format.co2e(Number(decimal)).text
  return t('certificates.page.says', {
    issuer,
    from: format.day(subject.reportingPeriod.startDate),
    to: format.day(subject.reportingPeriod.endDate),
    total: amount(subject.totals.emissions),
    market: amount(String(marketTotal(subject.totals))),
    low: amount(subject.totals.interval95.low),
    high: amount(subject.totals.interval95.high),
  })
}

/** The certificate states the scopes; the market-based total is their sum with the market-based scope 2. */
function marketTotal(totals: StatedOf<'emission_calculation'>['totals']): number {
  return Number(totals.scope1) + Number(totals.scope2Market) + Number(totals.scope3)
}

function Downloads({ id, text }: { id: string; text: string }) {
  const { t } = useWords()
  const kind = useMemo(() => readBundle(text)?.kind, [text])
  const is_flat = flatKinds.some((each) => each === kind)
  return (
    <Section title={t('certificates.page.downloads')} says={t('certificates.page.bundleSays')} id="downloads">
      <div className="flex flex-wrap gap-3">
        <a className="button button-main" href={bundleAddress(id)} download={`${id}.bundle.json`}>
          {t('certificates.page.bundle')}
        </a>
        <a className="button button-plain" href={documentAddress(id)} download={`${id}.json`}>
          {t('certificates.page.vc')}
        </a>
        {is_flat && (
          <a className="button button-plain" href={seedAddress(id)} download={`${id}.rsa.json`}>
            {t('certificates.page.seed')}
          </a>
        )}
        <Link to={paths.verify} className="button button-plain">
          {t('certificates.page.verifyLink')}
        </Link>
      </div>
    </Section>
  )
}

function Numbers({ text, report }: { text: string; report: Report }) {
  const words = useWords()
  const { t } = words
  const read = useMemo(() => readBundle(text), [text])
  if (!read) return null
  const { credentialSubject: subject } = read.certificate
  const rowsOf: (stated: never, words: ReturnType<typeof useWords>) => StatedRow[] = statedRows[read.kind]
  return (
    <Section title={t('certificates.page.details')} id="details">
      <dl>
        {report.stated?.certificate_hash !== undefined && (
          <CopyableValue name={t('certificates.page.hash')} value={report.stated.certificate_hash} />
        )}
        {report.stated?.kid !== undefined && (
          <CopyableValue name={t('certificates.page.key')} value={report.stated.kid} />
        )}
        <CopyableValue name={t('certificates.page.id')} value={read.certificate.id} />
        {rowsOf(subject as never, words).map(({ name, value }) => (
          <CopyableValue key={`${name} ${value}`} name={name} value={value} />
        ))}
        <CopyableValue name={t('certificates.page.commitment')} value={subject.subjectCommitment} />
      </dl>
    </Section>
  )
}

function Tools({ id, kid }: { id: string; kid?: string }) {
  const { t } = useWords()
  const here = location.origin
  // Run as it stands here; the middle part decodes base58, which no system brings a command for.
  const recipe = `curl -s '${here}${documentAddress(id)}' > certificate.json
curl -s '${here}/.well-known/keys/${kid ?? '<kid>'}.pem' > issuer.pem
jq -jcS 'del(.proof)' certificate.json > document
jq -jcS '.proof | del(.proofValue)' certificate.json > options
openssl dgst -sha256 -r document   # the certificate hash
{ openssl dgst -sha256 -binary options; openssl dgst -sha256 -binary document; } > signed
python3 - > signature <<'EOF'
import json, sys
n = 0
for c in json.load(open('certificate.json'))['proof']['proofValue'][1:]:
    n = n * 58 + '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'.index(c)
sys.stdout.buffer.write(n.to_bytes(64, 'big'))
EOF
openssl pkeyutl -verify -pubin -inkey issuer.pem -rawin -in signed -sigfile signature`
  const command = `curl -s ${here}/.well-known/jwks.json > keys.json
tidemark verify ${id}.bundle.json --replay --trust keys.json`
  return (
    <Section title={t('certificates.page.tools')} says={t('certificates.page.toolsSays')} id="tools">
      <Command text={recipe} label="jq, openssl, python3" />
      <p className="mt-5 mb-2 text-soft">{t('certificates.page.toolsCli')}</p>
      <Command text={command} label="tidemark" />
    </Section>
  )
}
