import type { Colour } from './time-chart-option.ts'

const swatches = {
  tide: 'bg-tide',
  sand: 'bg-sand',
  scope1: 'bg-scope1',
  scope2: 'bg-scope2',
  scope3: 'bg-scope3',
  soft: 'bg-soft',
  bad: 'bg-bad',
  good: 'bg-good',
  ink: 'bg-ink',
} as const satisfies Record<Colour, string>

/** Which line is which. */
export function Legend({ lines }: { lines: readonly { name: string; colour: Colour }[] }) {
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 text-[0.9375rem]">
      {lines.map(({ name, colour }) => (
        <li key={name} className="flex items-center gap-2">
          <span aria-hidden="true" className={`h-1 w-5 rounded-full ${swatches[colour]}`} />
          {name}
        </li>
      ))}
    </ul>
  )
}
