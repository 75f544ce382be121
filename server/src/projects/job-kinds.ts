import { z } from 'zod'
import { jobKind } from '../platform/jobs.ts'

/** Jobs by name, apart from what carries them out: whoever asks for one need not know how it is done. */
export const analyseKind = jobKind('projects.analyse', z.object({ analysis_id: z.string() }))
export const demonstrateKind = jobKind('projects.demonstrate', z.object({ project_id: z.string() }))
export const tendKind = jobKind('projects.tend', z.object({}))
