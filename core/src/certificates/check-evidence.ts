import { Problem } from '../lib/problem.ts'
import type { CheckedCertificate } from './check-certificate.ts'
import type { UnsignedCertificate } from './document.ts'
import { shownValue, type Findings } from './findings.ts'
import type { Kind, Part } from './kinds/kind.ts'
import { kinds, type CertificateKind, type EvidenceOf } from './kinds/kinds.ts'
import * as say from './sentences.ts'

export interface ReplayAnswer {
  /** Whether the computation gave what `evidence.result` holds. */
  same: boolean
  result_digest: string
  /** `path` is a JSON Pointer into the result; `expected` is what the file says, `found` what was computed. */
  first_difference?: { path: string; line_id?: string; expected: unknown; found: unknown }
  /** What of the evidence was not computed again but taken as it stands, as a sentence for people. */
  taken_as_given?: say.Said
}

/** It cannot be computed again from what travels with it: why, in English and French. */
export interface NotReplayed {
  not_replayed: say.Said
}

export type Replay<K extends CertificateKind = CertificateKind> = (
  evidence: EvidenceOf<K>,
) => Promise<ReplayAnswer | NotReplayed>

/** How evidence of each kind is computed again. A kind that is not there is reported as not replayed, never as good. */
export type Replayers = { [K in CertificateKind]?: Replay<K> }

/** Compares evidence with the certificate, part by part and then figure by figure, and computes it again when asked to. */
export async function checkEvidence(
  evidence: EvidenceOf<CertificateKind>,
  { kind: name, document, signature }: CheckedCertificate & { document: UnsignedCertificate },
  replayers: Replayers | undefined,
  findings: Findings,
): Promise<void> {
  const kind: Kind = kinds[name]
  const stated = document.credentialSubject
  const wanted = kind.digestsStated(stated)
  const digests = kind.digestsOf(evidence)
  const resultDigest = wanted.result ?? ''
  for (const part of Object.keys(wanted) as Part[]) compareDigests(part, wanted[part], digests[part], findings)
  // With a broken signature either side may be the altered one; a result that still has its certified digest is not.
  const blame_certificate = signature === 'failed' && digests.result === resultDigest
  const differences = disagreements(kind, evidence, stated)
  for (const { of_certificate, of_evidence, expected, found } of differences) {
    const path = blame_certificate ? `/certificate/credentialSubject${of_certificate}` : `/evidence${of_evidence}`
    findings.fail('agreement', 'altered', say.fieldAltered(path, expected, found), { path, expected, found })
  }
  if (differences.length === 0) findings.pass('agreement', say.agreement[name])
  await checkReplay(name, evidence, resultDigest, replayers, findings)
}

function compareDigests(part: Part, expected: string | undefined, found: string | undefined, findings: Findings): void {
  if (expected === undefined && found === undefined) return
  const path = `/evidence/${part}`
  if (expected === undefined || found === undefined) {
    findings.fail(part, 'altered', say.fixed.airportsOneSided, { path })
  } else if (expected === found) findings.pass(part, say.asCertified(part))
  else findings.fail(part, 'altered', say.notAsCertified(part), { path, expected, found })
}

interface Disagreement {
  of_certificate: string
  of_evidence: string
  expected: string
  found: string
}

function disagreements(kind: Kind, evidence: unknown, stated: unknown): Disagreement[] {
  return kind.statedTwice(stated).flatMap(([of_certificate, of_evidence, how]) => {
    const in_certificate = at(stated, of_certificate)
    const in_evidence = at(evidence, of_evidence)
    if (how === 'presence') return presence(in_certificate, in_evidence, evidence, [of_certificate, of_evidence])
    if (in_certificate === undefined || in_evidence === undefined) return []
    const expected =
      how === 'decimal'
        ? Number(in_certificate)
        : how === 'length' && Array.isArray(in_certificate)
          ? in_certificate.length
          : in_certificate
    const found =
      how === 'length' && Array.isArray(in_evidence)
        ? in_evidence.length
        : // The certificate states the score as a whole number.
          how === 'score' && typeof in_evidence === 'number'
          ? Math.round(in_evidence)
          : in_evidence
    return expected === found
      ? []
      : [{ of_certificate, of_evidence, expected: shownValue(expected), found: shownValue(found) }]
  })
}

/** What may be missing is missing on both sides, unless the evidence does not speak of the thing it would be part of. */
function presence(
  in_certificate: unknown,
  in_evidence: unknown,
  evidence: unknown,
  [of_certificate, of_evidence]: [string, string],
): Disagreement[] {
  const is_spoken_of = at(evidence, of_evidence.slice(0, of_evidence.lastIndexOf('/'))) !== undefined
  if (!is_spoken_of || (in_certificate === undefined) === (in_evidence === undefined)) return []
  const words = (value: unknown) => (value === undefined ? 'nothing' : shownValue(value))
  return [{ of_certificate, of_evidence, expected: words(in_certificate), found: words(in_evidence) }]
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
  name: CertificateKind,
  evidence: EvidenceOf<CertificateKind>,
  certified: string,
  replayers: Replayers | undefined,
  findings: Findings,
): Promise<void> {
  if (!replayers) return findings.skip('replay', say.fixed.replayNotAsked)
  const replay = replayers[name] as Replay | undefined
  if (!replay) return findings.cannotReplay(say.notReplayable(kinds[name].called))
  const answer = await computed(replay, evidence)
  if ('not_replayed' in answer) return findings.cannotReplay(say.notReplayed(answer.not_replayed))
  if (answer instanceof Problem) {
    const path = `${kinds[name].faults_at}${answer.details.faults?.[0]?.path ?? ''}`
    return findings.fail('replay', 'replay_differs', say.replayRefused(answer.message), { path })
  }
  if (answer.same && answer.result_digest === certified) {
    return findings.pass('replay', say.replayed(answer.taken_as_given))
  }
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
  const said = say.replayDiffers(kinds[name].entry, first.line_id, first.path, expected, found)
  findings.fail('replay', 'replay_differs', said, {
    path: `/evidence/result${first.path}`,
    expected,
    found,
    line_id: first.line_id,
  })
}

/** A rule that refuses the evidence is a finding; anything else is a bug and not for a verifier to hide. */
async function computed(
  replay: Replay,
  evidence: EvidenceOf<CertificateKind>,
): Promise<ReplayAnswer | NotReplayed | Problem> {
  try {
    return await replay(evidence)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
