import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ApiError } from '../http/api-error.ts'
import { readRecord } from './imported-user.ts'
import { type RawRecord, splitRecords } from './records.ts'

async function split(bytes: Buffer, sizes: readonly number[]): Promise<RawRecord[]> {
  async function* chunks() {
    let at = 0
    for (let next = 0; at < bytes.length; next++) {
      const size = sizes[next % Math.max(sizes.length, 1)] ?? bytes.length
      yield bytes.subarray(at, at + size)
      at += size
    }
  }
  const records: RawRecord[] = []
  for await (const record of splitRecords(chunks())) records.push(record)
  return records
}

const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 })
const values = fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), { maxLength: 20 })

test('users are found in any array and in any lines, however the file is cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(values, sizes, fc.boolean(), fc.boolean(), async (users, cuts, lines, mark) => {
      const file = lines
        ? users.map((user) => JSON.stringify(user)).join('\n')
        : JSON.stringify(users, null, 2)
      const records = await split(Buffer.from((mark ? '\uFEFF' : '') + file), cuts)
      const read = records.map((record) => ('text' in record ? JSON.parse(record.text) : record))
      assert.deepEqual(read, JSON.parse(JSON.stringify(users)))
      if (lines)
        assert.deepEqual(
          records.map(({ line }) => line),
          users.map((_, index) => index + 1),
        )
    }),
    { numRuns: 300 },
  )
})

const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
  fc
    .array(
      fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', '\n', '"__proto__":', '1e999', '\uFEFF', 'é'),
      {
        maxLength: 60,
      },
    )
    .map((parts) => Buffer.from(parts.join(''))),
  values.chain((users) => {
    const file = Buffer.from(JSON.stringify(users))
    return fc.nat(file.length).map((end) => file.subarray(0, end))
  }),
)

test('no bytes do anything else than be taken, refused alone, or refuse the file with 400', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, sizes, async (bytes, cuts) => {
      try {
        for (const record of await split(bytes, cuts)) readRecord(record, 'people')
      } catch (error) {
        assert.ok(error instanceof ApiError && error.statusCode === 400, String(error))
      }
    }),
    { numRuns: 2_000 },
  )
})

test('any JSON is a user or refused, and a refusal shows no more than the profile', () => {
  const member = fc.constantFrom(
    'email',
    'user_id',
    '_id',
    'alt_id',
    'passwordHash',
    'password_hash',
    'custom_password_hash',
    'identifiers',
    'connection',
    'mfa_factors',
    'app_metadata',
    '__proto__',
    'constructor',
  )
  fc.assert(
    fc.property(fc.dictionary(member, fc.jsonValue()), (user) => {
      const read = readRecord({ line: 1, text: JSON.stringify(user) }, 'people')
      if (!('refused' in read)) return
      for (const name of Object.keys(read.refused.user)) assert.ok(['email', 'user_id'].includes(name), name)
    }),
    { numRuns: 1_000 },
  )
})
