import type { CustomPasswordHash } from '@rolecall/contract'
import { parseArgon2 } from '../crypto/argon2.ts'
import type { ForeignHash } from '../crypto/foreign-hash.ts'
import {
  bcryptDigestLength,
  type Digest,
  digestBytes,
  findRecipeProblem,
  type PasswordEncoding,
  type Recipe,
} from '../crypto/foreign-recipe.ts'
import { ApiError } from '../http/api-error.ts'

/** Converts the hashes of Auth0's import schema to recipes that the server can compute. */

/** @throws ApiError 400 `unsupported_hash` that says what is wrong with a bcrypt hash */
export function parsePasswordHash(value: string): ForeignHash {
  return checked(bcrypt(value, {}))
}

/** @throws ApiError 400 `unsupported_hash` for a hash that cannot be computed here, or costs too much */
export function parseCustomHash(custom: CustomPasswordHash): ForeignHash {
  const encoding = encodings[custom.password?.encoding ?? 'utf8']
  return checked(convert(custom, encoding === 'utf8' ? {} : { encoding }))
}

function convert(custom: CustomPasswordHash, common: Common): ForeignHash {
  const { algorithm, hash, salt } = custom
  const salted = { ...common, ...saltOf(salt) }
  switch (algorithm) {
    case 'argon2':
      return argon2(selfSaltedOf(custom), common)
    case 'pbkdf2':
      return pbkdf2(selfSaltedOf(custom), common)
    case 'ldap':
      return ldap(selfSaltedOf(custom), common)
    case 'bcrypt':
      return bcrypt(textOf(custom), salted)
    case 'scrypt':
      return scrypt(custom, common)
    case 'hmac':
      return hmac(custom, salted)
    case 'md4':
      throw unsupported('md4 is not supported')
    default:
      return digest(algorithm, outcomeOf(hash), salted)
  }
}

const encodings: Record<string, PasswordEncoding> = {
  utf8: 'utf8',
  ascii: 'ascii',
  utf16le: 'utf16le',
  ucs2: 'utf16le',
  latin1: 'latin1',
  binary: 'latin1',
}

type Common = Pick<Recipe, 'encoding' | 'prefix' | 'suffix'>

function checked(foreign: ForeignHash): ForeignHash {
  const reason = findRecipeProblem(foreign.recipe)
  if (reason !== undefined) throw unsupported(reason)
  return foreign
}

function bcrypt(value: string, common: Common): ForeignHash {
  if (!/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(value))
    throw unsupported('a bcrypt hash begins with $2a$, $2b$ or $2y$ and has 60 characters')
  // PHP's $2y$ is $2b$ under another name.
  const salt = value.slice(0, -bcryptDigestLength).replace('$2y$', '$2b$')
  const outcome = Buffer.from(value.slice(-bcryptDigestLength)).toString('base64')
  return { recipe: { ...common, algorithm: 'bcrypt', salt }, outcome }
}

function argon2(value: string, common: Common): ForeignHash {
  const parsed = parseArgon2(value)
  if (!parsed) throw unsupported('argon2 needs a PHC string such as $argon2id$v=19$m=65536,t=2,p=1$salt$hash')
  const { salt, cost, hash } = parsed
  return {
    recipe: { ...common, algorithm: 'argon2', salt: salt.toString('base64'), cost, length: hash.length },
    outcome: hash.toString('base64'),
  }
}

const minHashBytes = 16
const maxHashBytes = 128

function pbkdf2(value: string, common: Common): ForeignHash {
  const match =
    /^\$pbkdf2-([\w-]{1,32})(?:\$i=(\d{1,9})(?:,l=(\d{1,4}))?)?\$([\w+/-]{1,400})={0,2}\$([\w+/-]{1,400})={0,2}$/.exec(
      value,
    )
  if (!match) throw unsupported('pbkdf2 needs a PHC string such as $pbkdf2-sha256$i=100000,l=32$salt$hash')
  const [, name = '', iterations = '100000', length, salt = '', outcome = ''] = match
  const hash = Buffer.from(outcome, 'base64')
  if (length !== undefined && hash.length !== Number(length))
    throw unsupported(`pbkdf2 needs a hash of l = ${length} bytes`)
  requireLength(hash)
  return {
    recipe: {
      ...common,
      algorithm: 'pbkdf2',
      digest: digestNamed(name),
      iterations: Number(iterations),
      length: hash.length,
      salt: Buffer.from(salt, 'base64').toString('base64'),
    },
    outcome: hash.toString('base64'),
  }
}

function scrypt(
  { hash, salt, keylen, cost, blockSize, parallelization }: CustomPasswordHash,
  common: Common,
) {
  const outcome = outcomeOf(hash)
  if (keylen === undefined) throw unsupported('scrypt needs keylen')
  if (outcome.length !== keylen) throw unsupported(`scrypt needs a hash of keylen = ${keylen} bytes`)
  requireLength(outcome)
  const recipe: Recipe = {
    ...common,
    algorithm: 'scrypt',
    salt: salt ? decode(salt.value, salt.encoding ?? 'utf8', 'salt').toString('base64') : '',
    length: keylen,
    cost: cost ?? 16_384,
    blockSize: blockSize ?? 8,
    parallelization: parallelization ?? 1,
  }
  return { recipe, outcome: outcome.toString('base64') }
}

function hmac({ hash }: CustomPasswordHash, common: Common): ForeignHash {
  if (!hash.key) throw unsupported('hmac needs hash.key')
  const name = digestNamed(hash.digest ?? '')
  const key = decode(hash.key.value, hash.key.encoding ?? 'utf8', 'hash.key').toString('base64')
  const { outcome } = digest(name, outcomeOf(hash), common)
  return { recipe: { ...common, algorithm: 'hmac', digest: name, key }, outcome }
}

function digest(name: Digest, outcome: Buffer, common: Common): ForeignHash {
  if (outcome.length !== digestBytes[name])
    throw unsupported(`${name} needs a hash of ${digestBytes[name]} bytes`)
  return { recipe: { ...common, algorithm: 'digest', digest: name }, outcome: outcome.toString('base64') }
}

/** RFC 2307 §5.3, with the salt behind the digest, as OpenLDAP writes it. */
function ldap(value: string, common: Common): ForeignHash {
  const match = /^\{(S?)(MD5|SHA|SHA-?(?:1|224|256|384|512))\}([\w+/=-]{1,400})$/i.exec(value)
  if (!match) throw unsupported('ldap needs {MD5}, {SMD5}, {SHA…} or {SSHA…} and base64')
  const [, salted, scheme = '', base64 = ''] = match
  const name = digestNamed(scheme.toLowerCase() === 'sha' ? 'sha1' : scheme.replace('-', ''))
  const bytes = decode(base64, 'base64', 'hash')
  const size = digestBytes[name]
  if (salted && bytes.length <= size) throw unsupported(`{${salted}${scheme}} needs a salt behind its hash`)
  const suffix = salted ? { suffix: bytes.subarray(size).toString('base64') } : {}
  return digest(name, salted ? bytes.subarray(0, size) : bytes, { ...common, ...suffix })
}

/** Auth0 takes the names of OpenSSL, such as `RSA-SHA512` or `sha1WithRSA`. */
function digestNamed(name: string): Digest {
  const plain = name
    .toLowerCase()
    .replace(/^(rsa-|ssl3-)/, '')
    .replace(/(withrsa(encryption)?|-2)$/, '')
  const found = plain === 'ripemd' || plain === 'rmd160' ? 'ripemd160' : plain
  for (const known of digests) if (known === found) return known
  throw unsupported(`the digest must be one of ${digests.join(', ')}`)
}

const digests: readonly Digest[] = ['md5', 'ripemd160', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']

function saltOf(salt: CustomPasswordHash['salt']): Common {
  if (!salt) return {}
  const bytes = decode(salt.value, salt.encoding ?? 'utf8', 'salt').toString('base64')
  return salt.position === 'suffix' ? { suffix: bytes } : { prefix: bytes }
}

/** The hashes of Argon2, PBKDF2 and LDAP contain their salt. */
function selfSaltedOf(custom: CustomPasswordHash): string {
  const text = textOf(custom)
  if (custom.salt) throw unsupported(`${custom.algorithm} takes no salt: it is part of hash.value`)
  return text
}

function textOf({ algorithm, hash }: CustomPasswordHash): string {
  if ((hash.encoding ?? 'utf8') !== 'utf8') throw unsupported(`${algorithm} needs hash.encoding utf8`)
  return hash.value
}

function requireLength(hash: Buffer): void {
  if (hash.length < minHashBytes || hash.length > maxHashBytes)
    throw unsupported(`the hash must have from ${minHashBytes} to ${maxHashBytes} bytes`)
}

function outcomeOf({ value, encoding }: CustomPasswordHash['hash']): Buffer {
  if (encoding !== 'hex' && encoding !== 'base64') throw unsupported('hash.encoding must be hex or base64')
  return decode(value, encoding, 'hash')
}

function decode(value: string, encoding: 'base64' | 'hex' | 'utf8', what: string): Buffer {
  const pattern = { base64: /^[\w+/-]*={0,2}$/, hex: /^([\da-f]{2})*$/i, utf8: /^/ }[encoding]
  if (!pattern.test(value)) throw unsupported(`${what} is not ${encoding}`)
  return Buffer.from(value, encoding)
}

const unsupported = (reason: string) =>
  new ApiError(400, `The password hash cannot be imported: ${reason}`, 'unsupported_hash')
