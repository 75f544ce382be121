import { z } from 'zod'
import { readModelFile } from './read-model-file.ts'
import { refuseUnfit } from './unfit.ts'

/**
 * Joins single alarms into episodes: one message when something begins, one when it has been quiet long enough. Plain data;
 * a step returns the next state.
 */
export interface Episodes {
  kind: 'episodes'
  version: 1
  /** An alarm is a p-value at or below this. */
  p_value_max: number
  /** An episode ends when no alarm came for so long; an alarm within belongs to it. */
  quiet_s: number
  open: Episode | null
}

export interface Episode {
  /** Epoch milliseconds of the first alarm and of the latest. */
  started_ms: number
  latest_ms: number
  alarm_count: number
  /** The strangest moment. */
  p_value_min: number
  peak_ms: number
}

export interface EpisodeOptions {
  /** 0.01 unless told; see `pValueFor` for a budget of alarms. */
  p_value_max?: number
  /** 21,600 unless told: six hours. */
  quiet_s?: number
}

export function episodesOf({ p_value_max = 0.01, quiet_s = 21_600 }: EpisodeOptions = {}): Episodes {
  if (!(p_value_max > 0 && p_value_max < 1 && quiet_s >= 0 && Number.isFinite(quiet_s)))
    refuseUnfit('Episodes need a p-value between 0 and 1 and a time of quiet that is not negative.', [])
  return { kind: 'episodes', version: 1, p_value_max, quiet_s, open: null }
}

/**
 * One more moment. `p_value` is undefined where nothing was judged. Times do not go backwards.
 *
 * @returns the next state, the episode that this moment began and the one that had ended before it, where there is one.
 */
export function stepEpisodes(
  state: Episodes,
  time_ms: number,
  p_value: number | undefined,
): { state: Episodes; began?: Episode; ended?: Episode } {
  const { open } = state
  const over = open !== null && time_ms - open.latest_ms > state.quiet_s * 1000
  const ended = over ? { ended: open } : {}
  const running = over ? null : open
  if (p_value === undefined || !(p_value <= state.p_value_max)) return { state: { ...state, open: running }, ...ended }
  if (running === null) {
    const began = { started_ms: time_ms, latest_ms: time_ms, alarm_count: 1, p_value_min: p_value, peak_ms: time_ms }
    return { state: { ...state, open: began }, began, ...ended }
  }
  const stranger = p_value < running.p_value_min
  const next: Episode = {
    ...running,
    latest_ms: time_ms,
    alarm_count: running.alarm_count + 1,
    p_value_min: stranger ? p_value : running.p_value_min,
    peak_ms: stranger ? time_ms : running.peak_ms,
  }
  return { state: { ...state, open: next } }
}

/**
 * The p-value at which a stream without anything strange alarms `alarms_per_week` times, were its moments independent; they
 * come in clusters, so episodes are fewer. A memory of m shapes cannot tell less than 1 / (m + 1), which is then the answer.
 */
export function pValueFor(alarms_per_week: number, step_s: number, memory = 750): number {
  return Math.min(0.5, Math.max(1 / (memory + 1), (alarms_per_week * step_s) / 604_800))
}

const EpisodeFile = z.strictObject({
  started_ms: z.number(),
  latest_ms: z.number(),
  alarm_count: z.int().min(1),
  p_value_min: z.number().gt(0).max(1),
  peak_ms: z.number(),
})
const EpisodesFile = z.strictObject({
  kind: z.literal('episodes'),
  version: z.literal(1),
  p_value_max: z.number().gt(0).lt(1),
  quiet_s: z.number().nonnegative(),
  open: EpisodeFile.nullable(),
})

/** The state as it goes into a file: it is plain data already. */
export function writeEpisodes(state: Episodes): Episodes {
  return { ...state, open: state.open && { ...state.open } }
}

/** @throws {Problem} learn/model-file-invalid */
export function readEpisodes(file: unknown): Episodes {
  return readModelFile(EpisodesFile, file, 'a state of episodes, version 1')
}
