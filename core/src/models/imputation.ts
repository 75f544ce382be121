import type { LoadedModel } from './artifact.ts'
import { encodeFrame } from './encode.ts'
import type { Frame } from './frame.ts'

/** How far off a model is on one masked cell, in deviations of its field. */
export interface MaskedCell {
  field: string
  row: number
  loss: number
  /** Of a guess at the mean of the training rows. */
  loss_of_mean: number
}

/** Masks every known number of a table, one at a time, and has the model fill it. In the order of fields, then rows. */
export function maskedCells(model: LoadedModel, frame: Frame): MaskedCell[] {
  const matrix = encodeFrame(model.encoding, frame)
  const scorers = [...(model.scorer.fields ?? [])].sort((a, b) =>
    nameOf(model, a.field) < nameOf(model, b.field) ? -1 : 1,
  )
  return scorers.flatMap(({ field, score }) => {
    const about = model.encoding.fields[field]
    if (about?.kind !== 'number' || about.deviation === 0) return []
    const guessed = score(matrix)
    return Array.from(guessed).flatMap((guess, row): MaskedCell[] => {
      const truth = matrix.values[row * matrix.column_count + field] ?? NaN
      if (Number.isNaN(truth)) return []
      const loss = Math.abs(truth - guess) / about.deviation
      return [{ field: about.name, row, loss, loss_of_mean: Math.abs(truth - about.mean) / about.deviation }]
    })
  })
}

/** Losses of two models on the cells that both can be asked for, pair by pair. */
export function pairedCells(
  own: readonly MaskedCell[],
  other: readonly MaskedCell[],
): { own: Float64Array; other: Float64Array } {
  const theirs = new Map(other.map((cell) => [`${cell.field}\u0000${cell.row}`, cell.loss]))
  const pairs = own.flatMap(({ field, row, loss }) => {
    const found = theirs.get(`${field}\u0000${row}`)
    return found === undefined ? [] : [[loss, found] as const]
  })
  return { own: Float64Array.from(pairs, ([loss]) => loss), other: Float64Array.from(pairs, ([, loss]) => loss) }
}

function nameOf({ encoding }: LoadedModel, field: number): string {
  return encoding.fields[field]?.name ?? ''
}
