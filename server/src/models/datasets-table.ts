import { setImmediate as turn } from 'node:timers/promises'
import { Problem, type Fault } from '@tidemark/core/lib/problem.ts'
import { CELLS_MAX, Columns, ROWS_MAX, type Column } from '@tidemark/core/models/data-contract.ts'
import { SchemaInference } from '@tidemark/core/models/schema-inference.ts'
import { TableBuilder, type Table } from '@tidemark/core/models/table.ts'
import { tooLarge, type RowSource, type SourceRow } from './datasets-read.ts'

const TEXT_LENGTH_MAX = 256 * 1024 * 1024

/**
 * The table that the rows make, with the columns given or with those that all of its cells allow.
 * @throws Problem `models/cells-unfit` with row and column of what does not fit, `models/dataset-too-large`.
 */
export async function tableOf(source: RowSource, given: readonly Column[] | undefined): Promise<Table> {
  const columns = given ?? (await inferColumns(source))
  refuseColumns(source, columns, given !== undefined)
  const places = columns.map(({ name }) => source.names.indexOf(name))
  const builder = new TableBuilder(columns, source.notation)
  let current: SourceRow = { cells: [], line: 0 }
  const cellAt = (column: number) => current.cells[places[column] ?? -1]
  const place = () => source.placeOf(current)
  for await (const rows of source.batches()) {
    for (const row of rows) {
      current = row
      builder.add(cellAt, place)
    }
    if (builder.row_count > ROWS_MAX) throw tooLarge(`More than ${ROWS_MAX} rows`)
    if (builder.row_count * columns.length > CELLS_MAX) throw tooLarge(`More than ${CELLS_MAX} cells`)
    if (builder.text_bytes > TEXT_LENGTH_MAX) throw tooLarge(`More than ${TEXT_LENGTH_MAX} characters of text`)
    await turn()
  }
  return builder.finish()
}

async function inferColumns(source: RowSource): Promise<Column[]> {
  const inference = new SchemaInference(source.names, source.notation)
  let current: readonly unknown[] = []
  const cellAt = (column: number) => current[column]
  for await (const rows of source.batches()) {
    for (const { cells } of rows) {
      current = cells
      inference.add(cellAt)
    }
    // Other requests are answered in between.
    await turn()
  }
  return inference
    .columns()
    .map((column) =>
      column.type === 'integer' && source.decimals?.has(column.name) ? { ...column, type: 'number' } : column,
    )
}

function refuseColumns(source: RowSource, columns: readonly Column[], given: boolean): void {
  const faults: Fault[] = []
  if (given) {
    const known = columns.map(({ name }) => name)
    for (const name of source.names.filter((each) => !known.includes(each))) {
      faults.push({ path: `/columns/${name}`, code: 'unknown-column', message: `The column ${name} was not declared.`, expected: known }) // oxfmt-ignore
    }
  } else {
    for (const issue of Columns.safeParse(columns).error?.issues ?? []) {
      const name = source.names[Number(issue.path[0])] ?? ''
      faults.push({
        path: `/columns/${name}`,
        code: 'column-name',
        message: `${name || 'The table'}: ${issue.message}`,
      })
    }
  }
  if (faults.length === 0) return
  const detail = `The columns are not as expected; nothing was stored. ${faults[0]?.message ?? ''}`
  throw new Problem('models/cells-unfit', { detail, faults: faults.slice(0, 100), faults_found: faults.length })
}
