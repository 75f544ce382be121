import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as accounts from '@tidemark/core/accounts/contract.ts'
import * as certificates from '@tidemark/core/certificates/contract.ts'
import type { Role } from '@tidemark/core/accounts/permissions.ts'
import * as analysis from '@tidemark/core/projects/analysis-contract.ts'
import * as contract from '@tidemark/core/projects/contract.ts'
import * as decision from '@tidemark/core/projects/decision-contract.ts'
import * as evidence from '@tidemark/core/projects/evidence-contract.ts'
import { ProjectMessage } from '@tidemark/core/projects/live-contract.ts'
import { hasOwnDigest, type AnalysisReport } from '@tidemark/core/projects/report.ts'
import { access, capabilities } from '../app.ts'
import { actingFor } from '../platform/tenancy.ts'
import { formOf } from '../platform/testing.ts'
import {
  addOrganisation,
  openAccountsApp,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'
import { findAnalysis } from './analysis-store.ts'
import { bookFindings } from './books.ts'
import { seedDemo } from './demo.ts'
import { tend } from './analyse.ts'
import { decide } from './decisions.ts'
import { sweepCopies } from './imagery/index.ts'
import { mustOpen } from '../testing-sockets.ts'
import { DEMO_CLAIMED_HA, demoBoundary, sceneDates, writeDemoScene } from './demo-scene.ts'

let app: AccountsTestApp
let organisation_id: string
let ann: TestPerson
let vera: TestPerson
let stranger: TestPerson
const scenes: Record<'before' | 'after', { name: string; media_type: string; base64: string }> = {} as never
beforeAll(async () => {
  app = await openAccountsApp({ capabilities, access, seed: false })
  organisation_id = await addOrganisation(app, 'Coast Trust')
  const member = (role: Role, of = organisation_id) => signedIn(app, { organisation_id: of, role })
  ann = await member('editor')
  vera = await member('verifier')
  stranger = await member('owner', await addOrganisation(app, 'Elsewhere'))
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-scene-'))
  for (const when of ['before', 'after'] as const) {
    const path = join(folder, `${when}.tif`)
    await writeDemoScene(path, when)
    scenes[when] = { name: `${when}.tif`, media_type: 'image/tiff', base64: (await readFile(path)).toString('base64') }
  }
  await rm(folder, { recursive: true })
})
afterAll(() => app?.close())

const project = {
  ...contract.exampleProject,
  ecosystem: 'mangrove',
  boundary: demoBoundary(),
  claimed_ha: DEMO_CLAIMED_HA,
}
const method_parameters = { ipcc: { climate: 'tropical_wet', salinity_ppt: 30 } }
const add = async (more: object = {}, by = ann) =>
  (await by.fetch(contract.addProject, { body: { ...project, method_parameters, ...more } as never })).body
const photo = async (shade: number, seed = 1) => {
  const noise = Buffer.alloc(900 * 700 * 3)
  for (let at = 0; at < noise.length; at += 1) noise[at] = shade * Math.sin(at * seed) ** 2 + 40
  const png = await sharp(noise, { raw: { width: 900, height: 700, channels: 3 } })
    .jpeg()
    .toBuffer()
  return { name: 'photo.jpg', media_type: 'image/jpeg', base64: png.toString('base64') }
}
const send = (fields: Record<string, unknown>, files = [scenes.before], by = ann) =>
  by.fetch(evidence.upload, { body: fields as never, files })
const incoming = () => readdir(join(app.ctx.config.data_dir, 'files', 'incoming'))
const counts = async () =>
  (await sql<{ n: number }>`select (select count(*) from projects.evidence)::int + (select count(*) from projects.evidence_file)::int as n`.execute(app.db.kysely)).rows[0]?.n // oxfmt-ignore
const stored = async () => (await readdir(join(app.ctx.config.data_dir, 'files'), { recursive: true })).length
/** Everything that is told of a project from now on, over a real socket. */
async function watch(project_id: string) {
  const origin = await app.app.http.listen({ host: '127.0.0.1', port: 0 })
  const headers = { cookie: `tidemark=${ann.session}`, origin }
  const socket = await mustOpen(`${origin.replace('http', 'ws')}/ws/project/${project_id}`, headers)
  const told: ProjectMessage[] = []
  socket.ws.on('message', (bytes: Buffer) => told.push(ProjectMessage.parse(JSON.parse(bytes.toString()))))
  await socket.next(({ kind }) => kind === 'hello')
  return { ...socket, told }
}
const show = async (analysis_id: string) => (await ann.fetch(analysis.getAnalysis, { params: { analysis_id } })).body

/** As a process leaves it that was ended in the middle. */
const crash = (analysis_id: string, attempts: number) =>
  sql`update projects.analysis set state = 'running', worker = 'gone', attempts = ${attempts},
    alive_at = ${new Date(app.ctx.now().getTime() - 600_000)} where analysis_id = ${analysis_id}`.execute(app.db.kysely)

describe('evidence', () => {
  test('comes in as the registry sends it; the same bytes again are what they were, and another organisation sees none', async () => {
    const { number, id } = await add()
    const fields = { project_id: String(number), uploader: 'user@example.com', gps: '9.0579,76.2711', co2: '150', evidence_type: 'before', project_area_hectares: '51.84', captured_at: sceneDates.before, sensor: 'Sentinel-2 L2A' } // oxfmt-ignore
    const { status, body } = await send(fields)
    expect(status, JSON.stringify(body).slice(0, 400)).toBe(201)
    expect(body).toMatchObject({ project_id: number, evidence_id: 1, evidence_type: 'before', already_there: false, analysis_triggered: false }) // oxfmt-ignore
    expect(body.evidence).toMatchObject({ gps: { latitude: 9.0579, longitude: 76.2711 }, claimed_co2: 150, evidence_class: 'E1', uploader: 'user@example.com' }) // oxfmt-ignore
    const again = (await send(fields)).body
    expect([again.already_there, again.evidence_id]).toEqual([true, 1])
    const { files } = (await ann.fetch(evidence.getEvidence, { params: { evidence_id: '1' } })).body
    expect(files[0]?.facts).toMatchObject({
      kind: 'geotiff',
      width: 192,
      bands: { length: 4 },
      sha256: body.file_hashes[0],
    })
    const saved = await ann.fetch(evidence.getFile, { params: { evidence_id: '1', index: '0' } })
    expect(saved.bytes.toString('base64')).toBe(scenes.before.base64)
    const picture = await ann.fetch(evidence.showPicture, { params: { evidence_id: '1' }, query: { width: '96' } })
    expect(await sharp(picture.bytes).metadata()).toMatchObject({ format: 'png', width: 96 })
    for (const ref of [body.evidence.id, '1'])
      expect((await stranger.fetch(evidence.getEvidence, { params: { evidence_id: ref } })).problem.type).toBe('/problems/projects/unknown-evidence') // oxfmt-ignore
    const waits = (await ann.fetch(analysis.evidenceAnalysis, { params: { evidence_id: '1' } })).body
    expect([waits.status, waits.missing, waits.ndvi_improvement]).toEqual(['incomplete', ['after'], null])
    const lone = await ann.fetch(analysis.triggerAnalysis, { params: { project_id: id } })
    expect(lone.problem.type).toBe('/problems/projects/no-pair')
    const reason = 'The wrong site.'
    expect((await ann.fetch(evidence.withdrawEvidence, { params: { evidence_id: '1' }, body: { reason } })).body.withdrawn_reason).toBe(reason) // oxfmt-ignore
  })

  test('that is refused leaves neither a row nor a file, also of the good one of two', async () => {
    const { id: project_id } = await add()
    const before = [await counts(), await stored()]
    const bytes = (base64: string) => ({ name: 'a.tif', media_type: 'image/tiff', base64 })
    const cut = bytes(Buffer.from(scenes.before.base64, 'base64').subarray(0, 900).toString('base64'))
    const script = bytes(Buffer.from('<svg><script>alert(1)</script></svg>').toString('base64'))
    const answers = [
      await send({ project_id, evidence_type: 'before' }, [await photo(90), cut]),
      await send({ project_id, evidence_type: 'before' }, [script]),
      await send({ project_id, evidence_type: 'before' }, []),
      await send({ project_id, evidence_type: 'during' }),
      await send({ project_id, gps: '91,200' }),
      await send({ project_id, project_area_hectares: '-1' }),
      await send({ project_id, organisation_id: 'org_00000000000000000000000000' }),
      await send({ project_id: 'prj_00000000000000000000000000' }),
      await send({ project_id }, undefined, stranger),
    ]
    expect(answers.map(({ problem }) => problem.type.replace('/problems/', ''))).toEqual([
      'projects/image-unreadable',
      'projects/image-not-supported',
      ...Array<string>(5).fill('request/invalid'),
      ...Array<string>(2).fill('projects/unknown-project'),
    ])
    const { headers, bytes: form } = formOf(evidence.upload, { project_id }, [scenes.before])
    const half = await ann.fetch(evidence.upload, { body: form.subarray(0, -5_000), headers: { ...headers, 'x-tidemark-form': '1' } }) // oxfmt-ignore
    expect(half.problem.type).toBe('/problems/request/malformed-body')
    expect([await counts(), await stored(), await incoming()]).toEqual([...before, []])
  })
})

describe('an analysis', () => {
  let id = ''
  let analysis_id = ''
  test('begins by itself as the pair is complete, measures what the scene was made of, and is certified', async () => {
    const made = await add({ name: 'Measured' })
    id = made.id
    await ann.fetch(contract.moveProject, { params: { project_id: id }, body: { move: 'register' } })
    await send({ project_id: id, evidence_type: 'before', captured_at: sceneDates.before })
    const live = await watch(id)
    const { body } = await send({ project_id: id, evidence_type: 'after', captured_at: sceneDates.after }, [
      scenes.after,
    ])
    expect([body.analysis_triggered, body.evidence.project_id]).toEqual([true, id])
    analysis_id = body.analysis_id ?? ''
    const other = await ann.fetch(analysis.triggerAnalysis, { params: { project_id: id } })
    expect(other.problem.type).toBe('/problems/projects/already-analysing')
    expect((await show(analysis_id)).state).toBe('queued')
    await app.app.jobs.drain()
    const found = await show(analysis_id)
    expect(found.state, `${found.reason}`).toBe('measured')
    // What was told meanwhile, each in the form that the contract has.
    await live.next(({ data }) => (data as { state?: string }).state === 'measured')
    const told = live.told.filter(({ kind }) => kind !== 'hello')
    const said = told.map(({ kind, data }) => `${kind} ${String(data.state ?? data.evidence_type ?? '')}`.trim())
    expect(said.slice(0, 3)).toEqual(['evidence after', 'analysis queued', 'analysis running'])
    expect(told.map(({ data }) => (data.progress as { step: string } | undefined)?.step)).toContain('measuring')
    live.ws.close()
    const { record, report } = found
    // Two thirds of the rows are stands, NDVI 0.7 from 0.1, a third young plants, NDVI 0.45: 0.6 × 2/3 + 0.35 × 1/3.
    expect(record.ndvi_improvement).toBeCloseTo(0.517, 2)
    expect(record.evidence_class).toBe('E1')
    // 71.6 pixels a side, on a map that is drawn a few ten-thousandths too small.
    expect(record.project_area_hectares).toBeCloseTo(51.27, 1)
    expect(report && hasOwnDigest(report as AnalysisReport)).toBe(true)
    expect(found.report_digest).toBe(report?.report_digest)
    expect(found.pictures.map(({ kind }) => kind)).toContain('change')
    const change = await ann.fetch(analysis.showAnalysisPicture, { params: { analysis_id, kind: 'change' } })
    expect((await sharp(change.bytes).metadata()).format).toBe('png')
    const seed = (await ann.fetch(analysis.creditCalculation, { params: { project_id: String(made.number) } })).body
    expect(seed).toMatchObject({ status: 'measured', before_image_hash: body.evidence.files[0] && expect.any(String), confidence_score: record.confidence_score }) // oxfmt-ignore
    expect(seed.methods.map(({ method_id, outcome }) => [method_id, outcome])).toEqual([
      ['seed-ai', 'applicable'],
      ['ipcc-ws2013-tier1', 'applicable'],
      ['vm0033-like', 'not_applicable'],
      ['conservation', 'not_applicable'],
    ])
    const params = { id: found.certificate_id ?? '' }
    const bundle = await ann.fetch(certificates.get, { params, query: { format: 'bundle' } as never })
    const verified = await app.fetch(certificates.verify, { query: { replay: '1' } as never, body: bundle.bytes })
    expect(verified.body, JSON.stringify(verified.body).slice(0, 600)).toMatchObject({ outcome: 'valid' })
  }, 60_000)

  test('again on the same bytes, taken up after a process that died, gives the same digest; what ended stays as it is', async () => {
    app.clock.pass(60)
    const { body } = await ann.fetch(analysis.triggerAnalysis, { params: { project_id: id } })
    await crash(body.analysis.analysis_id, 1)
    await tend(app.ctx)
    expect((await show(body.analysis.analysis_id)).state).toBe('queued')
    await app.app.jobs.drain()
    const [first, second] = [await show(analysis_id), await show(body.analysis.analysis_id)]
    expect(second.report_digest).toBe(first.report_digest)
    expect(second.record).toEqual(first.record)
    expect(second.certificate_id).not.toBe(first.certificate_id)
    const change = sql`update projects.analysis set tco2e = 1e6 where analysis_id = ${analysis_id}`
    await expect(change.execute(app.db.kysely)).rejects.toThrow(/stays/)
    const old = await vera.fetch(decision.decide, {
      params: { analysis_id },
      body: { verdict: 'reject', reason: 'Old.' },
    })
    expect(old.problem.type).toBe('/problems/projects/superseded')
    const used = await ann.fetch(evidence.withdrawEvidence, { params: { evidence_id: first.before_evidence_id }, body: { reason: 'x' } }) // oxfmt-ignore
    expect(used.problem.type).toBe('/problems/projects/evidence-in-use')
    analysis_id = second.analysis_id
  }, 60_000)

  test('whose process died twice is given up', async () => {
    app.clock.pass(60)
    const { body } = await ann.fetch(analysis.triggerAnalysis, { params: { project_id: id } })
    const left = body.analysis.analysis_id
    await crash(left, 2)
    await app.app.jobs.drain()
    const ended = await show(left)
    expect([ended.state, ended.reason]).toEqual(['failed', 'The process that worked on it ended, twice.'])
  })

  test('says that a picture was handed in elsewhere, and not whose it is', async () => {
    const theirs = await add({ name: 'Copied' }, stranger)
    await send({ project_id: theirs.id, evidence_type: 'before' }, undefined, stranger)
    const { body } = await send({ project_id: theirs.id, evidence_type: 'after' }, [scenes.after], stranger)
    await app.app.jobs.drain()
    const found = (await stranger.fetch(analysis.getAnalysis, { params: { analysis_id: body.analysis_id ?? '' } })).body
    expect(found.record.integrity_flags).toContain('duplicate_bytes')
    expect(found.record.tco2e).toBeNull()
    expect(JSON.stringify(found)).not.toContain(id)
    expect(JSON.stringify(found)).not.toContain(organisation_id)
    // One scene may hold two projects of one organisation, as long as they lie apart in it.
    app.clock.pass(1)
    const apart = await add({ name: 'Apart', boundary: contract.exampleProject.boundary, claimed_ha: 8.9 })
    const { evidence: same } = (await send({ project_id: apart.id, evidence_type: 'before' })).body
    const scoped = actingFor(app.ctx, organisation_id)
    const row = await findAnalysis(app.ctx.system_db, analysis_id)
    const copies = async (boundary: NonNullable<typeof apart.boundary>) => {
      const task = { ...row!.task, boundary, before: { ...row!.task.before, evidence_id: same.id } }
      const findings = await bookFindings(scoped, { ...row!, project_id: apart.id, task })
      return findings.find(({ check, image }) => check === 'duplicate_bytes' && image === 'before')?.value
    }
    // The stranger's counts either way; where others' projects lie is learnt by nobody.
    expect([await copies(contract.exampleProject.boundary as never), await copies(demoBoundary())]).toEqual([1, 2])
  }, 60_000)

  test('is decided on by a reviewer who had no part in it, once, and what was approved is certified', async () => {
    const params = { analysis_id }
    const approve = { verdict: 'approve', method: 'ipcc-ws2013-tier1', reason: 'Seen on both dates.' } as const
    expect((await ann.fetch(decision.decide, { params, body: approve })).problem.type).toBe(
      '/problems/accounts/not-allowed',
    )
    const [waiting] = (await vera.fetch(decision.listQueue)).body.queue
    expect(waiting).toMatchObject({ analysis_id, mine: true, why_not: null, waits_for: 'reviewer' })
    const receipt = await vera.fetch(decision.verify, { body: { evidence_id: '1', mint_receipt: true } as never })
    expect(receipt.problem.type).toBe('/problems/projects/ledger-not-there')
    const partly = await vera.fetch(decision.decide, {
      params,
      body: { verdict: 'approve_partial', fraction: 0.5 } as never,
    })
    expect(partly.problem.type).toBe('/problems/projects/reason-missing')
    const too_much = await vera.fetch(decision.decide, { params, body: { ...approve, approved_t_co2e: 1e8 } })
    expect(too_much.problem.type).toBe('/problems/projects/beyond-measured')
    const told = async () => (await sql<{ body: string }>`select body from webhooks.event`.execute(app.db.kysely)).rows
    await sql`insert into webhooks.endpoint values ('whk_00000000000000000000000000', ${organisation_id},
      'https://hooks.example.com', '{certificate.issued}', '', '', true, null, 0, now())`.execute(app.db.kysely)
    const { body: made, status } = await vera.fetch(decision.decide, { params, body: approve })
    await sql`delete from webhooks.endpoint`.execute(app.db.kysely)
    expect((await told()).map(({ body }) => (JSON.parse(body) as { data: object }).data)).toEqual([
      { certificate_id: made.certificate_id, kind: 'credit_decision', record_id: made.decision_id },
    ])
    expect(status, JSON.stringify(made)).toBe(201)
    expect(made).toMatchObject({ state: 'effective', second_needed: false })
    expect(made.statement).toBe(`approved for ${made.approved_t_co2e} tCO2e`)
    expect(made.approved_t_co2e).toBe(Math.floor(made.measured_t_co2e ?? 0))
    expect((await vera.fetch(decision.decide, { params, body: approve })).problem.type).toBe('/problems/projects/already-decided') // oxfmt-ignore
    expect((await ann.fetch(contract.getProject, { params: { project_id: id } })).body.state).toBe('approved')
    const certificate = await ann.fetch(certificates.get, { params: { id: made.certificate_id ?? '' }, query: { format: 'bundle' } as never }) // oxfmt-ignore
    expect(certificate.status, certificate.bytes.toString().slice(0, 300)).toBe(200)
    // The report is computed from what was measured and the decision weighed against it, by whoever holds the file.
    const again = await app.fetch(certificates.verify, { query: { replay: '1' } as never, body: certificate.bytes })
    expect(again.body, JSON.stringify(again.body).slice(0, 900)).toMatchObject({ outcome: 'valid' })
    expect(again.body).not.toHaveProperty('not_replayed')
    // The same pair measured once more is not approved once more.
    app.clock.pass(60)
    const { body: asked } = await ann.fetch(analysis.triggerAnalysis, { params: { project_id: id } })
    await app.app.jobs.drain()
    const twice = await vera.fetch(decision.decide, { params: { analysis_id: asked.analysis.analysis_id }, body: approve }) // oxfmt-ignore
    expect(twice.problem.type).toBe('/problems/projects/period-approved')
    const { body: stats } = await ann.fetch(decision.stats)
    expect(stats).toMatchObject({ total_approved_t_co2e: made.approved_t_co2e, decisions_by_verdict: { approve: 1 }, verification_success_rate: 1, waiting_for_review: 1 }) // oxfmt-ignore
  })
})

test('bands that no file names are named by whoever knows them, at the upload or later; each analysis keeps its own', async () => {
  const [kate, ned] = [await signedIn(app, { organisation_id, role: 'editor' }), await signedIn(app, { organisation_id, role: 'editor' })] // oxfmt-ignore
  const { id: project_id } = await add({ name: 'Nameless' })
  const nameless = (when: 'before' | 'after') => {
    const text = Buffer.from(scenes[when].base64, 'base64').toString('latin1')
    const unnamed = text.replace('>B04<', '>one<').replace('>B08<', '>two<').replace('>B03<', '>six<')
    return { ...scenes[when], base64: Buffer.from(unnamed.replace('>SCL<', '>ten<'), 'latin1').toString('base64') }
  }
  const bands = (['red', 'nir', 'green', 'scl'] as const).map((role, band) => ({ role, file: 0, band }))
  const { secret } = (await kate.fetch(accounts.createKey, { body: { name: 'Drone', scopes: ['projects.upload', 'projects.read'] } as never })).body // oxfmt-ignore
  const by_key = (text: string, type = 'before', files = [nameless('before')]) =>
    app.fetch(evidence.upload, { headers: { authorization: `Bearer ${secret}` }, body: { project_id, evidence_type: type, bands: text } as never, files }) // oxfmt-ignore
  for (const text of ['red=0', '[]', '[{"role":"red","file":0,"band":9}]', JSON.stringify([...bands, bands[0]])])
    expect((await by_key(text)).problem.faults?.[0]?.path, text).toMatch(/^\/bands/)
  const before = (await by_key(JSON.stringify(bands))).body
  expect(before.evidence.bands).toEqual(bands)
  const after = (await send({ project_id, evidence_type: 'after' }, [nameless('after')])).body
  await app.app.jobs.drain()
  const first = await show(after.analysis_id ?? '')
  expect([first.state, first.report?.measurement.outcome]).toEqual(['cannot_tell', 'cannot_tell'])
  expect(JSON.stringify(first.report)).toContain('bands-unknown')

  const params = { evidence_id: after.evidence.id }
  const foreign = await stranger.fetch(evidence.changeEvidence, { params, body: { bands } })
  expect(foreign.problem.type).toBe('/problems/projects/unknown-evidence')
  const named = await ned.fetch(evidence.changeEvidence, { params, body: { bands } })
  expect(named.body.bands).toEqual(bands)
  app.clock.pass(60)
  const { body: asked } = await ann.fetch(analysis.triggerAnalysis, { params: { project_id } })
  await app.app.jobs.drain()
  const second = await show(asked.analysis.analysis_id)
  expect([second.state, second.record.evidence_class], `${second.reason}`).toEqual(['measured', 'E1'])
  expect(second.record.ndvi_improvement).toBeCloseTo(0.517, 2)
  expect((await show(first.analysis_id)).report_digest).toBe(first.report_digest)

  // One only sent by a key, the other only named bands: neither reviews what they had a part in.
  for (const by of [kate, ned]) {
    await sql`update accounts.membership set role = 'verifier' where person_id = ${by.person_id}`.execute(app.db.kysely)
    const own = await by.fetch(decision.decide, { params: { analysis_id: second.analysis_id }, body: { verdict: 'reject', reason: 'No.' } }) // oxfmt-ignore
    expect(own.problem.type).toBe('/problems/projects/reviewer-has-a-part')
  }
})

describe('below a confidence of 40', () => {
  test('a pair of photographs is decided by two reviewers in writing, who had no part in it; the registry’s form does it', async () => {
    const eve = await signedIn(app, { organisation_id, role: 'editor' })
    const { id: project_id } = await add({ name: 'Photographed' }, eve)
    await send({ project_id, evidence_type: 'before', captured_at: '2024-01-01' }, [await photo(60)], eve)
    const sent = await send(
      { project_id, evidence_type: 'after', captured_at: '2025-01-05' },
      [await photo(120, 3)],
      eve,
    )
    await app.app.jobs.drain()
    const found = await show(sent.body.analysis_id ?? '')
    expect([found.record.ndvi_improvement, found.record.evidence_class], `${found.reason}`).toEqual([null, 'E5'])
    expect(found.record.confidence_score).toBeLessThan(40)

    await sql`update accounts.membership set role = 'verifier' where person_id = ${eve.person_id}`.execute(
      app.db.kysely,
    )
    const params = { analysis_id: found.analysis_id }
    const reject = { verdict: 'reject', reason: 'Nothing grows.' } as const
    const own = await eve.fetch(decision.decide, { params, body: reject })
    expect(own.problem.type).toBe('/problems/projects/reviewer-has-a-part')
    const of_draft = await vera.fetch(decision.decide, { params, body: reject })
    expect(of_draft.problem.type).toBe('/problems/projects/wrong-move')
    await sql`update projects.project set state = 'analysed' where id = ${project_id}`.execute(app.db.kysely)

    const verify = (more: object) => vera.fetch(decision.verify, { body: { evidence_id: sent.body.evidence_id, mint_receipt: false, ...more } as never }) // oxfmt-ignore
    expect((await verify({})).problem.type).toBe('/problems/projects/reason-missing')
    expect((await verify({ reason: 'Looks green.' })).problem.type).toBe('/problems/projects/not-measured')
    const { body: first, status } = await verify({ reason: 'Counted in the field.', approved_t_co2e: 2 })
    expect(status, JSON.stringify(first).slice(0, 300)).toBe(200)
    expect([first.verified, first.approved_t_co2e, first.decision.state]).toEqual([false, 0, 'waits_for_second'])
    const confirm = (by: TestPerson) => by.fetch(decision.confirmDecision, { params: { decision_id: first.decision.decision_id }, body: { confirms: true, reason: 'The count is signed.' } }) // oxfmt-ignore
    expect((await confirm(vera)).problem.type).toBe('/problems/projects/second-reviewer')
    expect((await confirm(eve)).problem.type).toBe('/problems/projects/reviewer-has-a-part')
    const otto = await signedIn(app, { organisation_id, role: 'verifier' })
    const second = (await confirm(otto)).body
    expect(second).toMatchObject({ state: 'effective', approved_t_co2e: 2, override: { approved_t_co2e: 2 }, reviewers: { length: 2 } }) // oxfmt-ignore
    expect((await confirm(otto)).problem.type).toBe('/problems/projects/nothing-to-confirm')

    await sql`update projects.project set claimed_ha = null, measured_ha = null where id = ${project_id}`.execute(
      app.db.kysely,
    )
    const unsized = await ann.fetch(analysis.triggerAnalysis, { params: { project_id } })
    expect(unsized.problem.type).toBe('/problems/projects/no-area')
  }, 60_000)
})

test('what is not there is said to be so, and only a person decides', async () => {
  const no = (what: string) => `${what}_00000000000000000000000000`
  const types = [
    await ann.fetch(analysis.getAnalysis, { params: { analysis_id: no('ana') } }),
    await ann.fetch(decision.getDecision, { params: { decision_id: no('dcn') } }),
    await ann.fetch(evidence.getFile, { params: { evidence_id: '2', index: '7' } }),
  ].map(({ problem }) => problem.type)
  expect(types).toEqual([
    '/problems/projects/unknown-analysis',
    '/problems/projects/unknown-decision',
    '/problems/projects/unknown-picture',
  ])
  const { analysis_id } =
    (await vera.fetch(analysis.listAnalyses, { params: { project_id: '3' } })).body.analyses[0] ?? {}
  const machine = decide(actingFor(app.ctx, organisation_id), { analysis_id: analysis_id ?? '', verdict: 'approve' })
  await expect(machine).rejects.toMatchObject({ type: 'projects/reviewer-not-a-person' })
  const { id } = await add({ name: 'Long watched' })
  await sql`insert into projects.period (period_id, organisation_id, project_id, name, from_day, to_day, created_at, created_by)
    select 'prd_' || lpad(n::text, 26, '0'), ${organisation_id}, ${id}, 'x', '2026-01-01', '2026-01-02', now(), 'system'
    from generate_series(1, 200) as n`.execute(app.db.kysely)
  const season = { name: 'One more', from: '2026-01-01', to: '2026-01-02' }
  const more = await ann.fetch(contract.addPeriod, { params: { project_id: id }, body: season as never })
  expect(more.problem.type).toBe('/problems/projects/too-many')
})

test('copies of pictures that a killed process left are swept, and those of one that is at work are not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-test-'))
  const mine = `tidemark-imagery-${process.pid}-a1b2c3`
  for (const name of [mine, 'tidemark-imagery-999999999-a1b2c3', 'tidemark-other-999999999-x'])
    await mkdir(join(folder, name, 'in'), { recursive: true })
  await sweepCopies(folder)
  expect((await readdir(folder)).sort()).toEqual([mine, 'tidemark-other-999999999-x'])
  await rm(folder, { recursive: true })
})

test('the demonstration holds a generated scene, made and measured once somebody looks, and said to be one everywhere', async () => {
  await seedDemo(app.ctx)
  await seedDemo(app.ctx)
  const visit = async () => (await app.fetch(contract.listProjects)).body.projects
  expect(await visit()).toMatchObject([{ generated: true, evidence: { before: 0 } }])
  await visit()
  await app.app.jobs.drain()
  const [shore] = await visit()
  expect(shore).toMatchObject({ number: 1, state: 'analysed', evidence: { before: 1, after: 1 } })
  expect(shore?.name).toContain('not a real place')
  const { body } = await app.fetch(analysis.getAnalysis, { params: { analysis_id: shore?.latest_analysis_id ?? '' } })
  expect(body).toMatchObject({ state: 'measured', generated: true, record: { integrity_flags: [] } })
  // What is certified says so as well.
  expect(body.report?.integrity.informs).toContain('generated_scene')
}, 60_000)
