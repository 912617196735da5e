import { createHmac } from 'node:crypto'
import type { Context } from '../context.ts'
import { hashOfNothing } from '../crypto/argon2.ts'
import { countUsersOf, listImportedSchemes } from '../users/lists.ts'

/**
 * An imported hash takes another time to check than the server's own, until its user signs in. An unknown account is
 * therefore checked against a hash of the same kind as some account of the connection: each kind in proportion to how
 * many accounts have it, and always the same for one name.
 */

interface Mix {
  /** Where the share of a hash ends, between 0 and 1. The rest is the server's own kind. */
  shares: { until: number; hash: string }[]
  readAt: number
}

const mixes = new WeakMap<object, Map<string, Mix>>()
const keptForMs = 5 * 60_000

type Ctx = Pick<Context, 'store' | 'clock' | 'sealer'>

/** What to check a password against where there is no account. It matches nothing that anybody can know. */
export async function standInHash(ctx: Ctx, connection: string, account: string): Promise<string> {
  const { shares } = await mixOf(ctx, connection)
  if (shares.length === 0) return hashOfNothing
  const digest = createHmac('sha256', ctx.sealer.derive('stand-ins of unknown accounts'))
    .update(`${connection}|${account}`)
    .digest()
  const point = digest.readUInt32BE() / 2 ** 32
  return shares.find(({ until }) => point < until)?.hash ?? hashOfNothing
}

async function mixOf(ctx: Ctx, connection: string): Promise<Mix> {
  const known = mixes.get(ctx.store) ?? new Map<string, Mix>()
  mixes.set(ctx.store, known)
  const now = ctx.clock()
  const kept = known.get(connection)
  if (kept && Math.abs(now - kept.readAt) < keptForMs) return kept
  const mix = { shares: await readShares(ctx, connection), readAt: now }
  known.set(connection, mix)
  return mix
}

async function readShares({ store }: Ctx, connection: string): Promise<Mix['shares']> {
  const schemes = await listImportedSchemes(store.db, connection)
  if (schemes.length === 0) return []
  const users = await countUsersOf(store.db, connection)
  let counted = 0
  return schemes.map(({ hash, count }) => {
    counted += count
    return { until: counted / Math.max(users, counted), hash }
  })
}
