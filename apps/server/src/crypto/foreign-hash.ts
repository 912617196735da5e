import { timingSafeEqual } from 'node:crypto'
import { hashPassword, verifyHash } from './argon2.ts'
import { derive, isEncodable, isFast, type Recipe, schemeOf } from './foreign-recipe.ts'
import { hashingQueue, isTooLong } from './hashing-queue.ts'

/** A hash of another system: how it is computed, and its value (base64). */
export interface ForeignHash {
  recipe: Recipe
  outcome: string
}

/** The stored form, as JSON, until the user signs in. */
type StoredHash = { recipe: Recipe } & ({ outcome: string } | { wrapped: string })

/** A row of the passwords: the text that {@link verifyPassword} takes, and what it costs. */
export interface PasswordRow {
  hash: string
  scheme: string
}

/**
 * Converts a hash to its stored form. The result of a fast algorithm is hashed again with argon2id, so that a stolen table
 * is as expensive to attack as the server's own hashes.
 * @throws {BusyError} when too many passwords wait to be hashed
 */
export async function toStored({ recipe, outcome }: ForeignHash): Promise<PasswordRow> {
  const stored: StoredHash = isFast(recipe)
    ? { recipe, wrapped: await hashPassword(Buffer.from(outcome, 'base64')) }
    : { recipe, outcome }
  return { hash: JSON.stringify(stored), scheme: schemeOf(recipe) }
}

/** The hash of a stored one of another system. Undefined where its outcome is hashed a second time. */
export function readForeignHash(stored: string): ForeignHash | undefined {
  const foreign: StoredHash = JSON.parse(stored)
  return 'outcome' in foreign ? { recipe: foreign.recipe, outcome: foreign.outcome } : undefined
}

/**
 * Whether the password is the hashed one, for hashes of the server and imported ones. `outdated` requests a new hash.
 * @throws {BusyError} when too many passwords wait to be hashed
 */
export async function verifyPassword(
  password: string,
  stored: string,
): Promise<{ ok: boolean; outdated: boolean }> {
  if (!stored.startsWith('{')) return verifyHash(password, stored)
  if (isTooLong(password)) return { ok: false, outdated: false }
  const foreign: StoredHash = JSON.parse(stored)
  const { recipe } = foreign
  const given = await hashingQueue(() => derive(recipe, password))
  const matches =
    'wrapped' in foreign
      ? (await verifyHash(given, foreign.wrapped)).ok
      : isEqual(given, Buffer.from(foreign.outcome, 'base64'))
  return { ok: matches && isEncodable(password, recipe.encoding), outdated: true }
}

const isEqual = (given: Buffer, expected: Buffer) =>
  given.length === expected.length && timingSafeEqual(given, expected)
