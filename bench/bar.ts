// One way to print a bar, so that a person reads it under its own figures and `bench/all.ts` finds it among them.

export interface Bar {
  what: string
  measured: number
  unit: string
  /** The figure must stay below this, or reach it. */
  at: { most: number } | { least: number }
}

/** `bar held: first page · 812 ms · at most 2,000 ms` */
export const barLine = /^bar (held|missed|skipped): (.+?) · (.+?)(?: · (.+))?$/

export function sayBar({ what, measured, unit, at }: Bar): void {
  const held = 'most' in at ? measured <= at.most : measured >= at.least
  const limit = 'most' in at ? `at most ${figure(at.most)}` : `at least ${figure(at.least)}`
  process.stdout.write(`bar ${held ? 'held' : 'missed'}: ${what} · ${figure(measured)} ${unit} · ${limit} ${unit}\n`)
}

/** A bar that cannot be measured here is not held. */
export function skipBar(what: string, reason: string): void {
  process.stdout.write(`bar skipped: ${what} · ${reason}\n`)
}

function figure(value: number): string {
  return value.toLocaleString('en', value < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 })
}
