import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { customPasswordHash } from '@rolecall/contract'
import { z } from 'zod'
import { toStored, verifyPassword } from '../crypto/foreign-hash.ts'
import { parseCustomHash, parsePasswordHash } from './imported-hash.ts'

// Made with Python 3.11: hashlib and hmac (OpenSSL 3), bcrypt 4, argon2-cffi (libargon2), crypt (libxcrypt); four are
// published, as their names say. None of these shares code with the server, except OpenSSL.
const vectors = z
  .array(
    z.object({
      name: z.string(),
      password: z.string(),
      wrong: z.string(),
      custom_password_hash: customPasswordHash,
    }),
  )
  .parse(JSON.parse(await readFile(new URL('./imported-hash.vectors.json', import.meta.url), 'utf8')))

const fast = /^(md5|sha|hmac|ldap|pbkdf2 of few|pbkdf2, RFC 6070)/

for (const { name, password, wrong, custom_password_hash } of vectors)
  test(`an imported hash lets its password in and no other: ${name}`, async () => {
    const { hash } = await toStored(parseCustomHash(custom_password_hash))
    assert.deepEqual(await verifyPassword(password, hash), { ok: true, outdated: true })
    assert.equal((await verifyPassword(wrong, hash)).ok, false)
    assert.equal((await verifyPassword('x'.repeat(2_000), hash)).ok, false)
    // What a fast algorithm leaves is hashed again; what a slow one leaves is kept.
    assert.equal(hash.includes('$argon2id$v=19$m=19456,t=2,p=1$'), fast.test(name))
  })

test('a NUL does not end a password that is checked against bcrypt', async () => {
  const hash = '$2b$04$abcdefghijklmnopqrstuuELgE6pa9ga8M6CQM3crlYR3o.pe0ipS'
  const { hash: stored } = await toStored(parsePasswordHash(hash))
  const [first, second] = await Promise.all(
    ['orange', 'orange\0tractor'].map((password) => verifyPassword(password, stored)),
  )
  assert.deepEqual([first?.ok, second?.ok], [true, false])
})

const text = (algorithm: string, value: string) => ({ algorithm, hash: { value } })
const hex = (algorithm: string, bytes: number, more: object = {}) => ({
  algorithm,
  hash: { value: 'ab'.repeat(bytes), encoding: 'hex', ...more },
})
const bcrypt = (cost: string) => `$2b$${cost}$${'a'.repeat(53)}`
const argon2 = (cost: string) => `$argon2id$v=19$${cost}$${'a'.repeat(22)}$${'b'.repeat(43)}`
const pbkdf2 = (cost: string, characters = 43) =>
  `$pbkdf2-sha256${cost}$${'a'.repeat(22)}$${'b'.repeat(characters)}`

const refused: [unknown, RegExp][] = [
  [text('bcrypt', bcrypt('15')), /cost from 4 to 14/],
  [text('bcrypt', bcrypt('31')), /cost from 4 to 14/],
  [text('bcrypt', bcrypt('03')), /cost from 4 to 14/],
  [text('bcrypt', bcrypt('10').replace('2b', '2x')), /begins with/],
  [text('bcrypt', bcrypt('10').slice(0, -1)), /60 characters/],
  [text('argon2', argon2('m=4194304,t=1,p=1')), /memory/],
  [text('argon2', argon2('m=262144,t=5,p=1')), /m × t/],
  [text('argon2', argon2('m=64,t=1000,p=1')), /passes/],
  [text('argon2', argon2('m=4096,t=3,p=200')), /parallelism/],
  [text('argon2', argon2('m=4096,t=3,p=1').replace('19', '16')), /PHC/],
  [{ ...text('argon2', argon2('m=4096,t=3,p=1')), salt: { value: 'x' } }, /no salt/],
  [text('pbkdf2', pbkdf2('$i=4000001,l=32')), /iterations/],
  [text('pbkdf2', pbkdf2('$i=999999999,l=32')), /iterations/],
  [text('pbkdf2', pbkdf2('$i=0,l=32')), /iterations/],
  [text('pbkdf2', pbkdf2('$i=2000000,l=128', 171)), /each block/],
  [text('pbkdf2', pbkdf2('$i=1000,l=64')), /l = 64 bytes/],
  [text('pbkdf2', pbkdf2('$i=1000', 2)), /16 to 128 bytes/],
  [text('pbkdf2', pbkdf2('$i=1000').replace('sha256', 'whirlpool')), /digest must be one of/],
  [{ ...hex('scrypt', 64), keylen: 64, cost: 2 ** 20 }, /at most cost/],
  [{ ...hex('scrypt', 64), keylen: 64, cost: 1_000 }, /power of two/],
  [{ ...hex('scrypt', 64), keylen: 64, blockSize: 0 }, /above 0/],
  [{ ...hex('scrypt', 64), keylen: 64, parallelization: 2 ** 31 }, /at most cost/],
  [{ ...hex('scrypt', 64), keylen: 32 }, /keylen = 32/],
  [{ ...hex('scrypt', 1), keylen: 1 }, /16 to 128 bytes/],
  [hex('scrypt', 64), /keylen/],
  [hex('sha256', 31), /32 bytes/],
  [hex('md4', 16), /md4/],
  [{ algorithm: 'md5', hash: { value: 'zz', encoding: 'hex' } }, /not hex/],
  [text('sha512', 'abc'), /hex or base64/],
  [hex('hmac', 32, { digest: 'sha256' }), /hash.key/],
  [hex('hmac', 32, { digest: 'whirlpool', key: { value: 'k' } }), /digest must be one of/],
  [text('ldap', '{CRYPT}$1$abc'), /ldap needs/],
  [text('ldap', '{SSHA}qUqP5cyxm6YcTAhz05Hph5gvu9M='), /salt behind/],
]

for (const [given, reason] of refused)
  test(`a hash that is no such thing or costs too much is refused: ${reason.source} ${JSON.stringify(given)}`, () => {
    assert.throws(() => parseCustomHash(customPasswordHash.parse(given)), {
      errorCode: 'unsupported_hash',
      message: reason,
    })
  })
