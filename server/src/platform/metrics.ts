import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  registry: Registry
  observeAnswer(answer: { route: string; method: string; status: number; duration_s: number }): void
  observeQuery(duration_s: number): void
  /** Reported at each reading, while there is an embedded database. */
  watchHeartbeat(age_ms: () => number): void
  /** Reported at each reading: how many jobs wait, run and have failed. */
  watchJobs(counts: () => Promise<{ job: string; state: string; count: number }[]>): void
}

/** Measurements of one running application, in a registry of its own so that two in one process do not mix. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const answers = new Histogram({
    name: 'tidemark_http_request_duration_seconds',
    help: 'Time from a request to its answer, by route name and status.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const queries = new Histogram({
    name: 'tidemark_database_query_duration_seconds',
    help: 'Time of one statement, as the server sees it.',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10],
    registers: [registry],
  })
  return {
    registry,
    observeAnswer: ({ route, method, status, duration_s }) => answers.observe({ route, method, status }, duration_s),
    observeQuery: (duration_s) => queries.observe(duration_s),
    watchJobs: (counts) => {
      new Gauge({
        name: 'tidemark_jobs',
        help: 'Background jobs by kind and state; those that are done are not counted.',
        labelNames: ['job', 'state'],
        registers: [registry],
        async collect() {
          this.reset()
          for (const { job, state, count } of await counts()) this.set({ job, state }, count)
        },
      })
    },
    watchHeartbeat: (age_ms) => {
      new Gauge({
        name: 'tidemark_database_heartbeat_age_seconds',
        help: 'How long ago the thread of the embedded database showed that it is alive.',
        registers: [registry],
        collect() {
          this.set(age_ms() / 1000)
        },
      })
    },
  }
}
