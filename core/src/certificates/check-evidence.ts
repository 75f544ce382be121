import { Problem } from '../lib/problem.ts'
import { evidenceDigestsOf } from './bundle.ts'
import type { CheckedCertificate } from './check-certificate.ts'
import type { Evidence, UnsignedEmissionCertificate } from './contract.ts'
import { shownValue, type Findings } from './findings.ts'
import * as say from './sentences.ts'

export interface ReplayAnswer {
  /** Whether the computation gave what `evidence.result` holds. */
  same: boolean
  result_digest: string
  /** `path` is a JSON Pointer into the result; `expected` is what the file says, `found` what was computed. */
  first_difference?: { path: string; line_id?: string; expected: unknown; found: unknown }
}

export type Replay = (evidence: Evidence) => Promise<ReplayAnswer>

/** Compares evidence with the certificate, part by part and then figure by figure, and computes it again when asked to. */
export async function checkEvidence(
  evidence: Evidence,
  document: UnsignedEmissionCertificate,
  signature: CheckedCertificate['signature'],
  replay: Replay | undefined,
  findings: Findings,
): Promise<void> {
  const { inputs, factors, airports, resultDigest } = document.credentialSubject
  const digests = evidenceDigestsOf(evidence)
  const compare = (part: say.Part, expected: string, found: string): void => {
    if (expected === found) findings.pass(part, say.asCertified(part))
    else findings.fail(part, 'altered', say.notAsCertified(part), { path: `/evidence/${part}`, expected, found })
  }
  compare('inventory', inputs.digest, digests.inventory)
  compare('factors', factors.digest, digests.factors)
  compare('result', resultDigest, digests.result)
  if (airports && digests.airports !== undefined) compare('airports', airports.digest, digests.airports)
  else if (airports || digests.airports !== undefined) {
    findings.fail('airports', 'altered', say.fixed.airportsOneSided, { path: '/evidence/airports' })
  }
  // With a broken signature either side may be the altered one; a result that still has its certified digest is not.
  const blame_certificate = signature === 'failed' && digests.result === resultDigest
  const differences = disagreements(evidence, document)
  for (const { of_certificate, of_evidence, expected, found } of differences) {
    const path = blame_certificate ? `/certificate/credentialSubject${of_certificate}` : `/evidence${of_evidence}`
    findings.fail('agreement', 'altered', say.fieldAltered(path, expected, found), { path, expected, found })
  }
  if (differences.length === 0) findings.pass('agreement', say.fixed.agreement)
  await checkReplay(evidence, resultDigest, replay, findings)
}

interface Disagreement {
  of_certificate: string
  of_evidence: string
  expected: string
  found: string
}

type Sources = { stated: UnsignedEmissionCertificate['credentialSubject']; evidence: Evidence }

/** Every statement that stands both in the certificate and in the evidence: where, and how to read it on either side. */
const STATED_TWICE: readonly [
  of_certificate: string,
  of_evidence: string,
  kind: 'text' | 'decimal' | 'length' | 'score',
][] = [
  ['/totals/emissions', '/result/emissions_kg_co2e', 'decimal'],
  ['/totals/scope1', '/result/scopes/1', 'decimal'],
  ['/totals/scope2Location', '/result/scopes/2_location', 'decimal'],
  ['/totals/scope2Market', '/result/scopes/2_market', 'decimal'],
  ['/totals/scope3', '/result/scopes/3', 'decimal'],
  ['/totals/interval95/low', '/result/interval_95/low', 'decimal'],
  ['/totals/interval95/high', '/result/interval_95/high', 'decimal'],
  ['/totals/biogenic', '/result/biogenic_kg_co2', 'decimal'],
  ['/method/gwpSet', '/result/gwp_set', 'text'],
  ['/method/engineVersion', '/result/engine_version', 'text'],
  ['/resultDigest', '/result/result_digest', 'text'],
  ['/inputs/digest', '/result/input_digest', 'text'],
  ['/reportingPeriod/startDate', '/inventory/reporting_period/start_date', 'text'],
  ['/reportingPeriod/endDate', '/inventory/reporting_period/end_date', 'text'],
  ['/factors/count', '/factors', 'length'],
  ['/inputs/count', '/inventory/lines', 'length'],
  ['/airports/count', '/airports', 'length'],
  ['/dataQualityScore', '/result/data_quality_score', 'score'],
]

function disagreements(evidence: Evidence, { credentialSubject: stated }: UnsignedEmissionCertificate): Disagreement[] {
  const sources: Sources = { stated, evidence }
  return STATED_TWICE.flatMap(([of_certificate, of_evidence, kind]) => {
    const in_certificate = at(sources.stated, of_certificate)
    const in_evidence = at(sources.evidence, of_evidence)
    if (in_certificate === undefined || in_evidence === undefined) return []
    const expected = kind === 'decimal' ? Number(in_certificate) : in_certificate
    const found =
      kind === 'length' && Array.isArray(in_evidence)
        ? in_evidence.length
        : // The certificate states the score as a whole number.
          kind === 'score' && typeof in_evidence === 'number'
          ? Math.round(in_evidence)
          : in_evidence
    return expected === found
      ? []
      : [{ of_certificate, of_evidence, expected: shownValue(expected), found: shownValue(found) }]
  })
}

function at(value: unknown, path: string): unknown {
  return path
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (node, key) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined),
      value,
    )
}

async function checkReplay(
  evidence: Evidence,
  certified: string,
  replay: Replay | undefined,
  findings: Findings,
): Promise<void> {
  if (!replay) return findings.skip('replay', say.fixed.replayNotAsked)
  const answer = await computed(replay, evidence)
  if (answer instanceof Problem) {
    const path = `/evidence/inventory${answer.details.faults?.[0]?.path ?? ''}`
    return findings.fail('replay', 'replay_differs', say.replayRefused(answer.message), { path })
  }
  if (answer.same && answer.result_digest === certified) return findings.pass('replay', say.fixed.replay)
  const first = answer.first_difference
  if (!first) {
    const found = answer.result_digest
    return findings.fail('replay', 'replay_differs', say.fixed.replayFails, {
      path: '/evidence/result',
      expected: certified,
      found,
    })
  }
  const [expected, found] = [shownValue(first.expected), shownValue(first.found)]
  const said = say.replayDiffers(first.line_id, first.path, expected, found)
  findings.fail('replay', 'replay_differs', said, {
    path: `/evidence/result${first.path}`,
    expected,
    found,
    line_id: first.line_id,
  })
}

/** A rule that refuses the evidence is a finding; anything else is a bug and not for a verifier to hide. */
async function computed(replay: Replay, evidence: Evidence): Promise<ReplayAnswer | Problem> {
  try {
    return await replay(evidence)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
