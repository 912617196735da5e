import { randomBytes } from 'node:crypto'
import { chmod, link, readFile, rename, rm, writeFile } from 'node:fs/promises'
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
  /** Values of this key open too, while keys are rotated; absent, it is in `sealing.key.previous` if that file exists. */
  previousSealingKey?: string | undefined
}

const keyFile = ({ dataDir }: KeyPlace) => join(dataDir, 'sealing.key')
const previousFile = (place: KeyPlace) => `${keyFile(place)}.previous`

/**
 * Opens the sealer with the key outside the database. Only a store without sealed values gets a new key.
 * @throws StoreError when the key is missing, is none, or is not the one that the store was sealed with
 */
export async function openSealer(place: KeyPlace, db: Db, now: number): Promise<Sealer> {
  const sample = await findSample(db)
  const given = await readCurrentKey(place)
  if (given.text === undefined && sample)
    throw new StoreError(
      `${given.name} is missing, and the store was sealed with it: restore that file from your backup, or give its content as SEALING_KEY.`,
    )
  const key = decodeKey(given.text ?? (await createKey(place)), given.name)
  const sealer = createSealer(key, await readPreviousKey(place))
  // Read again after the check is written: two servers with different keys may start together on a new database.
  if (!sample) await insertCheck(db, sealer, now)
  if (!opens(sealer, sample ?? (await findSample(db))))
    throw new StoreError(
      `The key in ${given.name} is not the one that the store was sealed with: restore that one from your backup.`,
    )
  if (sample && sample.context !== checkId) await insertCheck(db, sealer, now)
  return sealer
}

/** The key as text, undefined where there is none yet, and the name of its place for messages. */
async function readCurrentKey(place: KeyPlace): Promise<{ text: string | undefined; name: string }> {
  const { sealingKey } = place
  if (sealingKey !== undefined) return { text: sealingKey, name: 'SEALING_KEY' }
  return { text: await readKey(keyFile(place)), name: keyFile(place) }
}

async function readPreviousKey(place: KeyPlace): Promise<Buffer | undefined> {
  const { previousSealingKey } = place
  if (previousSealingKey !== undefined) return decodeKey(previousSealingKey, 'SEALING_KEY_PREVIOUS')
  const text = await readKey(previousFile(place))
  return text === undefined ? undefined : decodeKey(text, previousFile(place))
}

function decodeKey(text: string, name: string): Buffer {
  const key = Buffer.from(text, 'base64')
  if (key.length === keyBytes) return key
  throw new StoreError(
    `${name} holds no sealing key (${keyBytes} bytes in base64): restore it from your backup.`,
  )
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

/** The last step of a rotation of keys: from now on the store opens with the current key alone. */
export async function resealCheck(db: Db, sealer: Sealer, now: number): Promise<void> {
  await db
    .updateTable('settings')
    .set({ data: toJson(sealer.seal('', checkId)), updated_at: now })
    .where('id', '=', checkId)
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

/** A new key in a file that is complete, for a rename or a link. */
async function writeKeyDraft(path: string, key = randomBytes(keyBytes).toString('base64')): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, `${key}\n`, { mode: 0o600, flush: true })
  return draft
}

/** Links the complete file: a crash leaves no partial key, and one of two servers that start together wins. */
async function createKey(place: KeyPlace): Promise<string> {
  const { dataDir } = place
  const path = keyFile(place)
  try {
    makePrivateFolder(dataDir)
    await chmod(dataDir, 0o700)
    const draft = await writeKeyDraft(path)
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

/**
 * Puts a new key in the place of `sealing.key`, and that one into `sealing.key.previous`. Does nothing where a rotation that
 * was interrupted has done it.
 */
export async function beginKeyRotation(place: KeyPlace): Promise<void> {
  const [path, previous] = [keyFile(place), previousFile(place)]
  const key = await readKey(path)
  const old = await readKey(previous)
  if (key === undefined || (old !== undefined && old !== key)) return
  if (old === undefined) await rename(await writeKeyDraft(previous, key), previous)
  await rename(await writeKeyDraft(path), path)
}

/** @returns the file that the previous key is kept in, for backups from before; undefined where there is none */
export async function endKeyRotation(place: KeyPlace, now: number): Promise<string | undefined> {
  const retired = `${keyFile(place)}.until-${new Date(now).toISOString().replaceAll(/\D/g, '').slice(0, 14)}`
  try {
    await rename(previousFile(place), retired)
    return retired
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
