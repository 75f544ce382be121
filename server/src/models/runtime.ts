import { hostname } from 'node:os'
import { randomUUID } from 'node:crypto'
import { readArtifact, type LoadedModel } from '@tidemark/core/models/artifact.ts'
import type { Context } from '../platform/context.ts'
import type { Database } from '../platform/database/database.ts'
import type { TrainingSource } from './data.ts'
import { trainingSource } from './datasets-service.ts'
import type { AnswerTimes } from './measures.ts'
import { openOnnx, type OnnxModel } from './onnx.ts'
import { PredictionLog } from './prediction-log.ts'

/** Loaded models take at most this much memory together, as far as it can be known from their files. */
const CACHE_BYTES_MAX = 512 * 1024 * 1024
/** A model in memory is larger than its file, whose numbers are text. */
const MEMORY_PER_BYTE = 3
/** How long another process may move an alias before it is noticed here. */
const RESOLVED_MS = 1_000
/** No model that is served is larger. */
export const ARTIFACT_BYTES_MAX = 256 * 1024 * 1024

interface Cached {
  model: LoadedModel
  bytes: number
}

/**
 * What this capability keeps in memory for one database: loaded models, which version answers, runs under way, predictions
 * not yet written.
 */
export class Runtime {
  /** Names this process in the record of a run. */
  readonly worker = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
  /** What ends a run of this process, by its id. */
  readonly running = new Map<string, (reason: string) => void>()
  readonly log = new PredictionLog()
  /** Where it is told how long answers take; undefined where nobody measures. */
  answer_times: AnswerTimes | undefined
  /** When models that answer were last looked at, by this process. */
  checked_at: Date | undefined
  source: TrainingSource = trainingSource
  readonly #models = new Map<string, Cached>()
  readonly #loading = new Map<string, Promise<LoadedModel>>()
  readonly #resolved = new Map<string, { value: unknown; until_ms: number }>()
  readonly #threads = new Map<string, Promise<OnnxModel>>()
  #bytes = 0
  readonly #bytes_max: number

  constructor(bytes_max = CACHE_BYTES_MAX) {
    this.#bytes_max = bytes_max
  }

  /** Loads a version once, however many ask at a time; the one used longest ago goes when there is no room. */
  async loaded(ctx: Context, sha256: string): Promise<LoadedModel> {
    const cached = this.#models.get(sha256)
    if (cached) {
      // To the end: the order of the map is the order of use.
      this.#models.delete(sha256)
      this.#models.set(sha256, cached)
      return cached.model
    }
    const loading = this.#loading.get(sha256) ?? this.#load(ctx, sha256)
    this.#loading.set(sha256, loading)
    try {
      return await loading
    } finally {
      this.#loading.delete(sha256)
    }
  }

  async #load(ctx: Context, sha256: string): Promise<LoadedModel> {
    const bytes = await ctx.files.read(sha256, { bytes_max: ARTIFACT_BYTES_MAX })
    const model = readArtifact(new TextDecoder().decode(bytes))
    this.#keep(sha256, { model, bytes: bytes.length * MEMORY_PER_BYTE })
    return model
  }

  #keep(sha256: string, entry: Cached): void {
    this.#models.set(sha256, entry)
    this.#bytes += entry.bytes
    for (const [oldest, { bytes }] of this.#models) {
      if (this.#bytes <= this.#bytes_max || oldest === sha256) break
      this.#models.delete(oldest)
      this.#bytes -= bytes
    }
  }

  /** The same for an ONNX file: a thread each, a few at a time. */
  async onnx(ctx: Context, sha256: string): Promise<OnnxModel> {
    const open = await this.#threads.get(sha256)?.catch(() => undefined)
    if (open && !open.closed) return open
    const opening = ctx.files.read(sha256, { bytes_max: ARTIFACT_BYTES_MAX }).then((bytes) => openOnnx(bytes))
    // Anew at the end: the first of the map is the one opened longest ago.
    this.#threads.delete(sha256)
    this.#threads.set(sha256, opening)
    const [oldest] = this.#threads
    if (this.#threads.size > ONNX_THREADS_MAX && oldest) {
      this.#threads.delete(oldest[0])
      void oldest[1].then((model) => model.close()).catch(() => undefined)
    }
    return opening
  }

  /** Ends what runs here: training says why, predictions are written down. */
  async stop(ctx: Context): Promise<void> {
    for (const end of this.running.values()) end('The server was stopped.')
    for (const opening of this.#threads.values()) await opening.then((model) => model.close()).catch(() => undefined)
    this.#threads.clear()
    await this.log.flush(ctx).catch(() => undefined)
  }

  get cache(): { models: number; bytes: number; bytes_max: number } {
    return { models: this.#models.size, bytes: this.#bytes, bytes_max: this.#bytes_max }
  }

  /** Remembers an answer of the database for a second: which version a name means just now. */
  async resolved<T>(key: string, find: () => Promise<T>): Promise<T> {
    const known = this.#resolved.get(key)
    if (known && known.until_ms > performance.now()) return known.value as T
    const value = await find()
    if (this.#resolved.size > RESOLVED_MAX) this.#resolved.clear()
    this.#resolved.set(key, { value, until_ms: performance.now() + RESOLVED_MS })
    return value
  }

  /** Something about a model changed here: it is looked up anew. */
  forget(_model_id: string): void {
    this.#resolved.clear()
  }
}

const ONNX_THREADS_MAX = 4
const RESOLVED_MAX = 10_000

const runtimes = new WeakMap<Database, Runtime>()

/** The runtime of the database that a context belongs to. */
export function runtimeOf({ system_db }: Pick<Context, 'system_db'>): Runtime {
  const known = runtimes.get(system_db)
  if (known) return known
  const runtime = new Runtime()
  runtimes.set(system_db, runtime)
  return runtime
}
