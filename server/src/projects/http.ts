import * as analysis from '@tidemark/core/projects/analysis-contract.ts'
import * as contract from '@tidemark/core/projects/contract.ts'
import * as decision from '@tidemark/core/projects/decision-contract.ts'
import * as evidence from '@tidemark/core/projects/evidence-contract.ts'
import { imageryProblems } from '@tidemark/core/projects/imagery-problems.ts'
import { ruleProblems } from '@tidemark/core/projects/rule-problems.ts'
import { bind, bindFile, bindUpload, type Capability } from '../platform/capability.ts'
import { work } from '../platform/jobs.ts'
import { analyse, start, stop, tend } from './analyse.ts'
import * as analyses from './analyses.ts'
import * as decisions from './decisions.ts'
import * as documents from './documents.ts'
import * as pictures from './evidence.ts'
import { demonstrate, listAtFirstLook, seedDemo } from './demo.ts'
import { analyseKind, demonstrateKind, tendKind } from './job-kinds.ts'
import { liveSockets } from './live.ts'
import * as periods from './periods.ts'
import { personalData, type PeopleKnown } from './personal.ts'
import * as service from './service.ts'
import { showStats } from './stats.ts'

/** The capability. Who is behind an id of a person is known to accounts. */
export function createProjects(known: PeopleKnown): Capability {
  return {
    name: 'projects',
    problems: {
      ...contract.problems,
      ...evidence.evidenceProblems,
      ...analysis.analysisProblems,
      ...decision.decisionProblems,
      ...ruleProblems,
      ...imageryProblems,
    },
    bindings: [
      bind(contract.listProjects, listAtFirstLook),
      bind(contract.addProject, service.addProject),
      bind(analysis.listMethods, analyses.listMethods),
      bind(decision.listQueue, decisions.listQueue),
      bind(contract.getProject, service.getProject),
      bind(contract.changeProject, service.changeProject),
      bindFile(contract.setBoundary, service.setBoundary),
      bind(contract.moveProject, service.moveProject),
      bind(contract.showHistory, service.showHistory),
      bind(contract.listPeriods, periods.listPeriods),
      bind(contract.addPeriod, periods.addPeriod),
      bind(contract.citeSeries, periods.citeSeries),
      bind(contract.listDocuments, documents.listDocuments),
      bindFile(contract.addDocument, documents.addDocument),
      bind(contract.getDocument, documents.getDocument),
      bindUpload(evidence.upload, pictures.upload),
      bind(evidence.listEvidence, pictures.listEvidence),
      bind(evidence.getEvidence, pictures.getEvidence),
      bind(evidence.changeEvidence, pictures.changeEvidence),
      bind(evidence.showPicture, pictures.showPicture),
      bind(evidence.getFile, pictures.getFile),
      bind(evidence.withdrawEvidence, pictures.withdrawEvidence),
      bind(analysis.listAnalyses, analyses.listAnalyses),
      bind(analysis.getAnalysis, analyses.getAnalysis),
      bind(analysis.showAnalysisPicture, analyses.showAnalysisPicture),
      bind(analysis.evidenceAnalysis, analyses.evidenceAnalysis),
      bind(analysis.creditCalculation, analyses.creditCalculation),
      bind(analysis.triggerAnalysis, analyses.triggerAnalysis),
      bind(decision.decide, decisions.decide),
      bind(decision.confirmDecision, decisions.confirmDecision),
      bind(decision.getDecision, decisions.getDecision),
      bind(decision.listDecisions, decisions.listDecisions),
      bind(decision.verify, decisions.verify),
      bind(decision.stats, showStats),
      // Last, since what is tried in this order still needs the project.
      bind(contract.removeProject, service.removeProject),
    ],
    sockets: liveSockets,
    jobs: [
      // A pair that fails says why, and somebody decides. Its own limit is that of the process that measures.
      work(analyseKind, { concurrency: 1, expire_s: 3_600, retry_limit: 1 }, analyse),
      work(demonstrateKind, { concurrency: 1, retry_limit: 1 }, demonstrate),
      work(tendKind, { schedule: '*/5 * * * *', retry_limit: 0 }, tend),
    ],
    seed: seedDemo,
    start,
    stop,
    personal_data: personalData(known),
  }
}
