import type { Factor } from '@tidemark/core/factors/contract.ts'
import type { FootprintResult, Inventory } from '@tidemark/core/footprint/contract.ts'
import { useWords } from '../lib/i18n.ts'
import { lineName } from './line-words.ts'
import { LineTrace } from './LineTrace.tsx'

/** The trace of each line, under both columns of the calculator: what is behind the number may be long. */
export function HomeTrace({
  inventory,
  result,
  factors,
}: {
  inventory: Inventory
  result: FootprintResult
  factors: readonly Factor[]
}) {
  const { language } = useWords()
  return (
    <div className="gap-x-10 lg:columns-2">
      {inventory.lines.flatMap((stated) => {
        const line = result.lines.find((each) => each.id === stated.id)
        if (!line) return []
        return [
          <div key={line.id} className="break-inside-avoid pt-5">
            <h3 className="font-sans text-base font-semibold tracking-normal">{lineName(stated, line.id, language)}</h3>
            <div className="mt-2">
              <LineTrace
                steps={line.trace}
                used={result.factors_used}
                factors={factors}
                stated={stated}
                inventory={inventory}
              />
            </div>
          </div>,
        ]
      })}
    </div>
  )
}
