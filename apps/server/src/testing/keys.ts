import { randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import { createSealer } from '../crypto/sealer.ts'
import { type KeyRing, openKeyRing } from '../keys/key-ring.ts'
import type { SigningKey } from '../keys/signing-key.ts'
import { insertKey, listKeys } from '../keys/store.ts'

/** The sealer of all servers of a test process. */
export const testSealer = createSealer(randomBytes(32))

let firstKeys: SigningKey[] | undefined

/**
 * Opens the key ring of a server, on a new store with the keys that the first server of this process made. To make RSA
 * keys takes longer than the rest of a server's start.
 */
export async function openTestKeyRing(ctx: Context): Promise<KeyRing> {
  const now = ctx.clock()
  const isNew = (await listKeys(ctx.store.db)).length === 0
  for (const { currentSince, ...key } of (isNew && firstKeys) || [])
    await insertKey(ctx.store.db, {
      ...key,
      createdAt: now,
      ...(currentSince !== undefined && { currentSince: now }),
    })
  const keys = await openKeyRing(ctx)
  firstKeys ??= keys.list()
  return keys
}
