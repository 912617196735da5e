import type { CustomPasswordHash, ImportedUser } from '@rolecall/contract'
import { type ForeignHash, readForeignHash } from '../crypto/foreign-hash.ts'
import type { Recipe } from '../crypto/foreign-recipe.ts'

type Members = Pick<ImportedUser, 'password_hash' | 'custom_password_hash'>

/**
 * A stored hash in Auth0's import schema, the reverse of `imported-hash.ts`.
 * @returns undefined for one that is hashed a second time: the schema cannot express it
 */
export function hashToImportSchema(stored: string): Members | undefined {
  if (!stored.startsWith('{'))
    return { custom_password_hash: { algorithm: 'argon2', hash: { value: stored, encoding: 'utf8' } } }
  const foreign = readForeignHash(stored)
  return foreign && membersOf(foreign)
}

function membersOf({ recipe, outcome }: ForeignHash): Members | undefined {
  switch (recipe.algorithm) {
    case 'bcrypt': {
      const value = recipe.salt + Buffer.from(outcome, 'base64').toString()
      const isPlain =
        recipe.prefix === undefined && recipe.suffix === undefined && recipe.encoding === undefined
      return isPlain
        ? { password_hash: value }
        : custom(recipe, { algorithm: 'bcrypt', hash: { value, encoding: 'utf8' }, ...saltOf(recipe) })
    }
    case 'argon2': {
      const { type, memory, passes, parallelism } = recipe.cost
      const value = `$${type}$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(recipe.salt)}$${unpadded(outcome)}`
      return custom(recipe, { algorithm: 'argon2', hash: { value, encoding: 'utf8' } })
    }
    case 'pbkdf2': {
      const { digest, iterations, length, salt } = recipe
      const value = `$pbkdf2-${digest}$i=${iterations},l=${length}$${unpadded(salt)}$${unpadded(outcome)}`
      return custom(recipe, { algorithm: 'pbkdf2', hash: { value, encoding: 'utf8' } })
    }
    case 'scrypt': {
      const { salt, length, cost, blockSize, parallelization } = recipe
      return custom(recipe, {
        algorithm: 'scrypt',
        hash: { value: outcome, encoding: 'base64' },
        ...(salt && { salt: { value: salt, encoding: 'base64' } }),
        keylen: length,
        cost,
        blockSize,
        parallelization,
      })
    }
    default:
      return undefined
  }
}

function custom({ encoding }: Recipe, hash: CustomPasswordHash): Members {
  return { custom_password_hash: { ...hash, ...(encoding !== undefined && { password: { encoding } }) } }
}

function saltOf({ prefix, suffix }: Recipe): Pick<CustomPasswordHash, 'salt'> {
  const value = suffix ?? prefix
  if (value === undefined) return {}
  return { salt: { value, encoding: 'base64', position: suffix === undefined ? 'prefix' : 'suffix' } }
}

/** PHC strings have base64 without padding. */
const unpadded = (base64: string) => base64.replace(/=+$/, '')
