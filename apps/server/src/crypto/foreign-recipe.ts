import { createHmac, hash, pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { type Argon2Cost, argon2Digest, findCostProblem } from './argon2.ts'

/** The digests that Node.js implements and an import may name, with their lengths in bytes. */
export const digestBytes = {
  md5: 16,
  ripemd160: 20,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
} as const
export type Digest = keyof typeof digestBytes

export type PasswordEncoding = 'utf8' | 'utf16le' | 'latin1' | 'ascii'

/** How another system hashed a password. Binary values are base64, because a recipe is stored as JSON. */
export type Recipe = {
  /** Absent: UTF-8. */
  encoding?: PasswordEncoding | undefined
  /** Put before or after the password, in that order. */
  prefix?: string | undefined
  suffix?: string | undefined
} & Algorithm

type Algorithm =
  | { algorithm: 'bcrypt'; salt: string }
  | { algorithm: 'argon2'; salt: string; cost: Argon2Cost; length: number }
  | { algorithm: 'pbkdf2'; salt: string; digest: Digest; iterations: number; length: number }
  | {
      algorithm: 'scrypt'
      salt: string
      cost: number
      blockSize: number
      parallelization: number
      length: number
    }
  | { algorithm: 'digest'; digest: Digest }
  | { algorithm: 'hmac'; digest: Digest; key: string }

type ScryptRecipe = Extract<Recipe, { algorithm: 'scrypt' }>

const maxBcryptCost = 14
/** Iterations times blocks of output: about a second with SHA-256. */
const maxPbkdf2Work = 4_000_000
/** N × r × p of scrypt: what OWASP recommends at most. It uses 128 bytes of memory each. */
const maxScryptWork = 2 ** 20

/** Limits a log-in to about a second. @returns the limit that the recipe exceeds, as a sentence */
export function findRecipeProblem(recipe: Recipe): string | undefined {
  switch (recipe.algorithm) {
    case 'bcrypt': {
      const cost = bcryptCost(recipe.salt)
      return cost < 4 || cost > maxBcryptCost ? `bcrypt needs a cost from 4 to ${maxBcryptCost}` : undefined
    }
    case 'argon2':
      return findCostProblem(recipe.cost)
    case 'pbkdf2':
      return recipe.iterations < 1 || pbkdf2Work(recipe) > maxPbkdf2Work
        ? `pbkdf2 needs from 1 to ${maxPbkdf2Work} iterations, counted for each block of its output`
        : undefined
    case 'scrypt':
      return findScryptProblem(recipe)
    default:
      return undefined
  }
}

function findScryptProblem(recipe: ScryptRecipe): string | undefined {
  const { cost, blockSize, parallelization } = recipe
  if (cost < 2 || !Number.isInteger(Math.log2(cost))) return 'scrypt needs a cost that is a power of two'
  if (blockSize < 1 || parallelization < 1) return 'scrypt needs a blockSize and a parallelization above 0'
  return scryptWork(recipe) > maxScryptWork
    ? `scrypt may cost at most cost × blockSize × parallelization = ${maxScryptWork}`
    : undefined
}

/**
 * Whether an attacker can test millions of passwords a second against the hash. Such a hash is stored hashed with argon2id:
 * see docs/decisions/imported-passwords.md.
 */
export function isFast(recipe: Recipe): boolean {
  switch (recipe.algorithm) {
    case 'bcrypt':
      return false
    case 'argon2':
      return recipe.cost.memory * recipe.cost.passes < 4_096
    case 'pbkdf2':
      return recipe.iterations < 10_000
    case 'scrypt':
      return scryptWork(recipe) < 2 ** 14
    default:
      return true
  }
}

/** Algorithm and cost: two recipes of one scheme take the same time. */
export function schemeOf(recipe: Recipe): string {
  switch (recipe.algorithm) {
    case 'bcrypt':
      return `bcrypt ${bcryptCost(recipe.salt)}`
    case 'argon2': {
      const { type, memory, passes, parallelism } = recipe.cost
      return `${type} ${memory} ${passes} ${parallelism}`
    }
    case 'pbkdf2':
      return `pbkdf2-${recipe.digest} ${pbkdf2Work(recipe)}`
    case 'scrypt':
      return `scrypt ${recipe.cost} ${recipe.blockSize} ${recipe.parallelization}`
    default:
      return `${recipe.algorithm} ${recipe.digest}`
  }
}

const derivePbkdf2 = promisify(pbkdf2)
const bytesOf = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64')

/** Hashes the password as the other system did. Expensive: call it through the hashing queue. */
export async function derive(recipe: Recipe, password: string): Promise<Buffer> {
  const { encoding = 'utf8', prefix, suffix } = recipe
  const message = Buffer.concat([bytesOf(prefix), Buffer.from(password, encoding), bytesOf(suffix)])
  switch (recipe.algorithm) {
    case 'bcrypt': {
      // Loaded with the first bcrypt hash.
      const { default: bcrypt } = await import('bcrypt')
      return Buffer.from((await bcrypt.hash(message, recipe.salt)).slice(-bcryptDigestLength))
    }
    case 'argon2':
      return argon2Digest(message, bytesOf(recipe.salt), recipe.cost, recipe.length)
    case 'pbkdf2':
      return derivePbkdf2(message, bytesOf(recipe.salt), recipe.iterations, recipe.length, recipe.digest)
    case 'scrypt':
      return deriveScrypt(message, recipe)
    case 'digest':
      return hash(recipe.digest, message, 'buffer')
    default:
      return createHmac(recipe.digest, bytesOf(recipe.key)).update(message).digest()
  }
}

/** Whether the encoding can express the password: Node.js replaces what it cannot, and another password would match. */
export function isEncodable(password: string, encoding: PasswordEncoding = 'utf8'): boolean {
  if (encoding === 'latin1') return !/[^\0-\xff]/.test(password)
  if (encoding === 'ascii') return !/[^\0-\x7f]/.test(password)
  return true
}

/** The part of a bcrypt hash after its salt. */
export const bcryptDigestLength = 31

const bcryptCost = (salt: string) => Number(salt.slice(4, 6))

function pbkdf2Work({ iterations, length, digest }: Extract<Recipe, { algorithm: 'pbkdf2' }>): number {
  return iterations * Math.ceil(length / digestBytes[digest])
}

function scryptWork({ cost, blockSize, parallelization }: ScryptRecipe): number {
  return cost * blockSize * parallelization
}

function deriveScrypt(message: Buffer, recipe: Extract<Recipe, { algorithm: 'scrypt' }>): Promise<Buffer> {
  const { salt, length, cost, blockSize, parallelization } = recipe
  const options = { cost, blockSize, parallelization, maxmem: 256 * scryptWork(recipe) + 1_048_576 }
  return new Promise((resolve, reject) => {
    scrypt(message, bytesOf(salt), length, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
