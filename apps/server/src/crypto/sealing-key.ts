import { randomBytes } from 'node:crypto'
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError } from '../store/errors.ts'
import { makePrivateFolder } from '../store/private-folder.ts'
import type { Db } from '../store/store.ts'
import { codeOf, fromJson, toJson } from '../store/values.ts'
import { createSealer, type Sealer } from './sealer.ts'

const keyBytes = 32

interface KeyPlace {
  /** Holds the key in `sealing.key`, readable by its owner alone, unless the configuration gives a key. */
  dataDir: string
  sealingKey?: string | undefined
}

/**
 * Opens the sealer with the key outside the database. Only a store without sealed values gets a new key.
 * @throws StoreError when the key is missing, is none, or is not the one that the store was sealed with
 */
export async function openSealer({ dataDir, sealingKey }: KeyPlace, db: Db, now: number): Promise<Sealer> {
  const path = join(dataDir, 'sealing.key')
  const place = sealingKey === undefined ? path : 'SEALING_KEY'
  const existing = sealingKey ?? (await readKey(path))
  const sample = await findSample(db)
  if (existing === undefined && sample)
    throw new StoreError(
      `${path} is missing, and the store was sealed with it: restore that file from your backup, or give its content as SEALING_KEY.`,
    )
  const key = Buffer.from(existing ?? (await createKey(dataDir, path)), 'base64')
  if (key.length !== keyBytes)
    throw new StoreError(
      `${place} holds no sealing key (${keyBytes} bytes in base64): restore it from your backup.`,
    )
  const sealer = createSealer(key)
  // Read again after the check is written: two servers with different keys may start together on a new database.
  if (!sample) await insertCheck(db, sealer, now)
  if (!opens(sealer, sample ?? (await findSample(db))))
    throw new StoreError(
      `The key in ${place} is not the one that the store was sealed with: restore that one from your backup.`,
    )
  if (sample && sample.context !== checkId) await insertCheck(db, sealer, now)
  return sealer
}

interface Sample {
  sealed: string
  context: string
}

const checkId = 'sealing-check'

/** A sealed value of the store: the check, or a signing key in a store of a version without the check. */
async function findSample(db: Db): Promise<Sample | undefined> {
  const check = await db.selectFrom('settings').select('data').where('id', '=', checkId).executeTakeFirst()
  if (check) return { sealed: fromJson<string>(check.data), context: checkId }
  const key = await db.selectFrom('signing_keys').select(['kid', 'sealed_jwk']).limit(1).executeTakeFirst()
  return key && { sealed: key.sealed_jwk, context: `signing_keys.sealed_jwk:${key.kid}` }
}

async function insertCheck(db: Db, sealer: Sealer, now: number): Promise<void> {
  await db
    .insertInto('settings')
    .values({ id: checkId, data: toJson(sealer.seal('', checkId)), updated_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

function opens(sealer: Sealer, sample: Sample | undefined): boolean {
  try {
    if (sample) sealer.open(sample.sealed, sample.context)
    return true
  } catch {
    return false
  }
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new StoreError(`${path} cannot be read (${String(codeOf(error))}): give this user access to it.`, {
      cause: error,
    })
  }
}

/** Links the complete file: a crash leaves no partial key, and one of two servers that start together wins. */
async function createKey(dataDir: string, path: string): Promise<string> {
  try {
    makePrivateFolder(dataDir)
    await chmod(dataDir, 0o700)
    const draft = `${path}.${randomBytes(6).toString('hex')}`
    await writeFile(draft, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600 })
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
    await rm(draft)
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    throw new StoreError(
      `${dataDir} cannot be written (${String(codeOf(error))}): make it writable for this user, or set DATA_DIR to another folder.`,
      { cause: error },
    )
  }
}
