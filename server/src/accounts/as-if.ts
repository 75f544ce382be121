import type { Context } from '../platform/context.ts'

class Undone extends Error {}

/**
 * Carries out `work` in one transaction, and undoes it unless it was meant for somebody. For an address that nobody has
 * the same statements run as for one that somebody has: neither the answer nor the clock tells them apart.
 */
export async function asIf(ctx: Context, meant: boolean, work: (inside: Context) => Promise<void>): Promise<void> {
  try {
    await ctx.db.transaction(async (tx) => {
      await work({ ...ctx, db: tx })
      if (!meant) throw new Undone()
    })
  } catch (error) {
    if (!(error instanceof Undone)) throw error
  }
}
