import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { createWorkQueue } from './work-queue.ts'

const derive = promisify(argon2)

/** OWASP's minimum for argon2id, about 25 ms on one core: 19 MiB, two passes, one lane. */
const current = { memory: 19_456, passes: 2, parallelism: 1 }
const saltBytes = 16
const hashBytes = 32
/** What a hash from elsewhere may cost: otherwise an imported row could ask for gigabytes. */
const dearest = { memory: 262_144, passes: 16, parallelism: 16 }

/** Longer passwords are refused before they cost anything; nothing is ever cut off (ASVS 6.2.8, 6.2.9). */
export const passwordByteLimit = 1024

/**
 * Hashing runs on libuv's pool of four threads, which also signs tokens and reads files: one thread at least stays
 * free for those. 40 places to wait per hash in progress are about a second of waiting.
 */
const concurrency = Math.min(availableParallelism(), 3)
const queue = createWorkQueue({ concurrency, places: 40 * concurrency })

/**
 * A PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`.
 * @throws {RangeError} for a password of more than {@link passwordByteLimit} bytes
 * @throws {BusyError} when too many passwords wait to be hashed
 */
export async function hashPassword(password: string): Promise<string> {
  if (tooLong(password)) throw new RangeError('the password is too long to be hashed')
  const salt = randomBytes(saltBytes)
  return phc(current, salt, await queue(() => digest(password, salt, current, hashBytes)))
}

/**
 * Whether the password is the hashed one; `outdated` asks for a new hash with today's parameters (RFC 9106, 4).
 * A hash that is not argon2id matches nothing.
 * @throws {BusyError} when too many passwords wait to be hashed
 */
export async function verifyHash(
  password: string,
  hash: string,
): Promise<{ ok: boolean; outdated: boolean }> {
  const expected = parsePhc(hash)
  if (!expected || tooLong(password)) return { ok: false, outdated: false }
  const given = await queue(() => digest(password, expected.salt, expected.cost, expected.hash.length))
  const outdated = expected.cost.memory < current.memory || expected.cost.passes < current.passes
  return { ok: timingSafeEqual(given, expected.hash), outdated }
}

/** Whether this server can verify passwords against the hash: an import asks before it stores one. */
export function isSupportedHash(hash: string): boolean {
  return parsePhc(hash) !== undefined
}

type Cost = typeof current

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

const tooLong = (password: string) => Buffer.byteLength(password) > passwordByteLimit

function digest(password: string, salt: Buffer, cost: Cost, tagLength: number): Promise<Buffer> {
  return derive('argon2id', { message: password, nonce: salt, tagLength, ...cost })
}

function phc(cost: Cost, salt: Buffer, hash: Buffer): string {
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(hash)}`
}

function parsePhc(hash: string): { cost: Cost; salt: Buffer; hash: Buffer } | undefined {
  const match =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([\w+/-]{11,88})\$([\w+/-]{22,88})$/.exec(hash)
  if (!match) return undefined
  const [, memory, passes, parallelism, salt = '', tag = ''] = match
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const affordable =
    cost.memory >= 8 * cost.parallelism &&
    cost.memory <= dearest.memory &&
    cost.passes >= 1 &&
    cost.passes <= dearest.passes &&
    cost.parallelism >= 1 &&
    cost.parallelism <= dearest.parallelism
  return affordable
    ? { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(tag, 'base64') }
    : undefined
}

/** Given to {@link verifyHash} where no account is found, so that an unknown one costs what a known one does. */
export const hashOfNothing = phc(current, randomBytes(saltBytes), randomBytes(hashBytes))
