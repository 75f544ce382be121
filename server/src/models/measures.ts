import { Gauge, Histogram, type Registry } from 'prom-client'
import type { Context } from '../platform/context.ts'
import * as alerts from './alerts-store.ts'
import { runtimeOf } from './runtime.ts'

/**
 * What `/metrics` tells about models. Anybody may read that, so a model is named by the end of its id: whoever has the model
 * finds it, and nobody else learns which it is.
 */

/** Time series of one process at most; further versions are counted together. */
const VERSIONS_MAX = 1_000

const ID_END = 6

export interface AnswerTimes {
  observe(version: { model_id: string; version: number }, us_per_row: number): void
}

/** Times of answers, in a histogram whose labels stay few. */
export function measureAnswers(registry: Registry): AnswerTimes {
  const known = new Set<string>()
  const histogram = new Histogram({
    name: 'tidemark_model_answer_duration_seconds',
    help: 'Time of one row, by model and version.',
    labelNames: ['model', 'version'],
    buckets: [0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.1, 1, 10],
    registers: [registry],
  })
  return {
    observe: ({ model_id, version }, us_per_row) => {
      const key = `${model_id}/${version}`
      if (known.size < VERSIONS_MAX) known.add(key)
      const labels = known.has(key)
        ? { model: model_id.slice(-ID_END), version }
        : { model: 'others', version: 'others' }
      histogram.observe(labels, us_per_row / 1_000_000)
    },
  }
}

/** Registers what is measured when somebody asks. */
export function measureModels(registry: Registry, ctx: Context): void {
  const runtime = runtimeOf(ctx)
  runtime.answer_times = measureAnswers(registry)
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  gauge('tidemark_model_cache_bytes', 'Memory of loaded models, as far as their files tell.', () => runtime.cache.bytes)
  gauge('tidemark_model_runs', 'Training runs of this process.', () => runtime.running.size)
  gauge('tidemark_model_answers_lost', 'Answers that could not be written down.', () => runtime.log.lost)
  new Gauge({
    name: 'tidemark_model_alerts',
    help: 'Open alerts of all models, by kind: drift, quality, accuracy, coverage.',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { kind, count } of await alerts.openByKind(ctx.system_db)) this.set({ kind }, count)
    },
  })
  new Gauge({
    name: 'tidemark_model_check_age_seconds',
    help: 'How long ago inputs and outcomes of models that answer were last looked at.',
    registers: [registry],
    collect() {
      const { checked_at } = runtime
      // Not 0, which would say just now.
      this.set(checked_at ? (ctx.now().getTime() - checked_at.getTime()) / 1_000 : Number.NaN)
    },
  })
}
