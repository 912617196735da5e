import { type Argon2Algorithm, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { hashingQueue, isTooLong } from './hashing-queue.ts'

const derive = promisify(argon2)

/** OWASP's minimum for argon2id, about 25 ms on one core: 19 MiB, two passes, one lane. */
const current = { memory: 19_456, passes: 2, parallelism: 1 }
const saltBytes = 16
const hashBytes = 32

/**
 * A PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. Text is limited in length; bytes are the outcome of
 * another hash.
 * @throws {RangeError} for a password of more than 1,024 bytes
 * @throws {BusyError} when too many passwords wait to be hashed
 */
export async function hashPassword(password: string | Buffer): Promise<string> {
  if (typeof password === 'string' && isTooLong(password))
    throw new RangeError('the password is too long to be hashed')
  const salt = randomBytes(saltBytes)
  const cost = { type: 'argon2id' as const, ...current }
  return phc(salt, await hashingQueue(() => argon2Digest(password, salt, cost, hashBytes)))
}

/**
 * Whether the password is the hashed one; `outdated` requests a new hash with today's parameters (RFC 9106, 4).
 * A hash that is not argon2id matches nothing.
 * @throws {BusyError} when too many passwords wait to be hashed
 */
export async function verifyHash(
  password: string | Buffer,
  hash: string,
): Promise<{ ok: boolean; outdated: boolean }> {
  const expected = parseArgon2(hash)
  const refused = { ok: false, outdated: false }
  if (expected?.cost.type !== 'argon2id' || findCostProblem(expected.cost)) return refused
  if (typeof password === 'string' && isTooLong(password)) return refused
  const { salt, cost, hash: tag } = expected
  const given = await hashingQueue(() => argon2Digest(password, salt, cost, tag.length))
  const outdated = cost.memory < current.memory || cost.passes < current.passes
  return { ok: timingSafeEqual(given, tag), outdated }
}

export interface Argon2Cost {
  type: Argon2Algorithm
  /** KiB */
  memory: number
  passes: number
  parallelism: number
}

export function argon2Digest(
  message: string | Buffer,
  salt: Buffer,
  { type, ...cost }: Argon2Cost,
  tagLength: number,
): Promise<Buffer> {
  return derive(type, { message, nonce: salt, tagLength, ...cost })
}

/** Reads a PHC string of argon2 1.3 in any of its three variants. The cost is not checked: see {@link findCostProblem}. */
export function parseArgon2(hash: string): { cost: Argon2Cost; salt: Buffer; hash: Buffer } | undefined {
  const match =
    /^\$(argon2(?:d|i|id))\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([\w+/-]{11,88})\$([\w+/-]{22,88})$/.exec(
      hash,
    )
  if (!match) return undefined
  const [, type = '', memory, passes, parallelism, salt = '', tag = ''] = match
  const cost: Argon2Cost = {
    type: type === 'argon2d' || type === 'argon2i' ? type : 'argon2id',
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  }
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(tag, 'base64') }
}

const maxMemory = 262_144
const maxPasses = 64
const maxParallelism = 16
/** Memory times passes determines the time. This limit takes about as long as fifty of the server's own hashes. */
const maxWork = 1_048_576

/** An unbounded cost could use gigabytes of memory, or a core for minutes. @returns the exceeded limit, as a sentence */
export function findCostProblem({ memory, passes, parallelism }: Argon2Cost): string | undefined {
  if (parallelism < 1 || parallelism > maxParallelism)
    return `argon2 needs a parallelism (p) from 1 to ${maxParallelism}`
  if (memory < 8 * parallelism || memory > maxMemory)
    return `argon2 needs a memory (m) from 8 KiB per lane to ${maxMemory} KiB`
  if (passes < 1 || passes > maxPasses) return `argon2 needs a number of passes (t) from 1 to ${maxPasses}`
  if (memory * passes > maxWork) return `argon2 may cost at most m × t = ${maxWork}`
  return undefined
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

function phc(salt: Buffer, hash: Buffer): string {
  const { memory, passes, parallelism } = current
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`
}

/** Verified where no account is found, so that an unknown account takes as long as a known one. */
export const hashOfNothing = phc(randomBytes(saltBytes), randomBytes(hashBytes))
