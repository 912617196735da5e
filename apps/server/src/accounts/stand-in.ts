import { createHmac } from 'node:crypto'
import type { Context } from '../context.ts'
import { hashOfNothing } from '../crypto/argon2.ts'
import { countUsersOf, listImportedSchemes } from '../users/lists.ts'

/** How frequent each scheme of imported hashes is among the users of a connection. */
interface Distribution {
  /** `until`: the cumulative share, from 0 to 1. What is above the last one is the server's own scheme. */
  shares: { until: number; hash: string }[]
  readAt: number
}

const distributions = new WeakMap<object, Map<string, Distribution>>()
const cacheMs = 5 * 60_000

type Deps = Pick<Context, 'store' | 'clock' | 'sealer'>

/**
 * The hash to check a password against if the account does not exist. No password matches it.
 *
 * Checking an imported hash takes longer or shorter than checking the server's own, until the user signs in. So that the
 * duration does not reveal whether an account exists, an unknown account gets a hash of some scheme of the connection:
 * each scheme as often as users have it, and always the same one for one name.
 */
export async function standInHash(ctx: Deps, connection: string, account: string): Promise<string> {
  const { shares } = await distributionOf(ctx, connection)
  if (shares.length === 0) return hashOfNothing
  const digest = createHmac('sha256', ctx.sealer.derive('stand-ins of unknown accounts'))
    .update(`${connection}|${account}`)
    .digest()
  const point = digest.readUInt32BE() / 2 ** 32
  return shares.find(({ until }) => point < until)?.hash ?? hashOfNothing
}

async function distributionOf(ctx: Deps, connection: string): Promise<Distribution> {
  const known = distributions.get(ctx.store) ?? new Map<string, Distribution>()
  distributions.set(ctx.store, known)
  const now = ctx.clock()
  const cached = known.get(connection)
  if (cached && Math.abs(now - cached.readAt) < cacheMs) return cached
  const distribution = { shares: await readShares(ctx, connection), readAt: now }
  known.set(connection, distribution)
  return distribution
}

async function readShares({ store }: Deps, connection: string): Promise<Distribution['shares']> {
  const schemes = await listImportedSchemes(store.db, connection)
  if (schemes.length === 0) return []
  const users = await countUsersOf(store.db, connection)
  let counted = 0
  return schemes.map(({ hash, count }) => {
    counted += count
    return { until: counted / Math.max(users, counted), hash }
  })
}
