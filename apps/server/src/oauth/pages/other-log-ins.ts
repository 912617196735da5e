import type { Origin } from '../../accounts/accounts.ts'
import type { RemoveOtherLogIns } from '../../accounts/password-reset.ts'
import type { Context } from '../../context.ts'
import { removeMethod } from '../../factors/factors.ts'
import { listMethods } from '../../factors/store.ts'
import { removeIdentities } from '../../identities/own-identities.ts'

/**
 * For a person who has just proved that an address is theirs, and takes over the account that somebody may have made with it
 * before (GHSA-qq9h-g4jm-xgf3). Second factors stay: without the new password they give no access.
 */
export function removeOtherLogIns(ctx: Context, origin: Origin): RemoveOtherLogIns {
  return async (tx, user) => {
    const methods = await listMethods(tx.db, user.userId)
    for (const { id, type } of methods)
      if (type === 'passkey') await removeMethod(ctx, tx, user.userId, id, { origin })
    await removeIdentities(ctx, tx, user, origin)
  }
}
