import type { Context } from '../platform/context.ts'
import * as store from './store.ts'

/**
 * Carries out `work` in one transaction, and undoes it unless it was meant for somebody. For an address that nobody has
 * the same statements run as for one that somebody has, and both end in a commit that reaches the disk: neither the answer
 * nor the clock tells them apart.
 */
export async function asIf(ctx: Context, meant: boolean, work: (inside: Context) => Promise<void>): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await store.markPlace(tx)
    await work({ ...ctx, db: tx })
    // A rollback of the whole would be over sooner than a commit: it waits for no disk.
    if (meant) await store.keepSincePlace(tx)
    else await store.undoToPlace(tx)
  })
}
