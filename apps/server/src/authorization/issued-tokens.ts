import type { Context } from '../context.ts'
import { putAudienceSubject } from './store.ts'

const dayMs = 24 * 60 * 60_000
const maxEntries = 100_000

/**
 * Remembers which subjects have tokens for which API, so that the feed of an API tells it of no others. Called before a
 * token is sent; it writes once a day for each subject and API.
 */
export function rememberIssuedTokens({ store, clock }: Pick<Context, 'store' | 'clock'>) {
  const known = new Map<string, number>()
  return async (audience: string, subject: string): Promise<void> => {
    const now = clock()
    const key = `${audience}\n${subject}`
    const writtenAt = known.get(key)
    if (writtenAt !== undefined && Math.abs(now - writtenAt) < dayMs) return
    await putAudienceSubject(store.db, audience, subject, now)
    if (known.size >= maxEntries) known.clear()
    known.set(key, now)
  }
}
