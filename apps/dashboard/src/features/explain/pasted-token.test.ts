import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxLength, otherKindOf, readPasted } from './pasted-token.ts'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = `${part({ alg: 'RS256', kid: 'k' })}.${part({ iss: 'https://id.example.com/', sub: 'ü' })}.c2ln`

test('a token is found whatever surrounds it, and what was removed is named', () => {
  const middle = token.length / 2
  for (const [pasted, trimmed] of [
    [token, []],
    [`  ${token}\n`, []],
    [`Bearer ${token}`, ['bearer']],
    [`Authorization: Bearer ${token}`, ['bearer']],
    [`authorization:bearer ${token}`, ['bearer']],
    [`DPoP ${token}`, ['bearer']],
    [`"${token}",`, ['quotes']],
    [`'Bearer ${token}'`, ['quotes', 'bearer']],
    [`${token.slice(0, middle)}\r\n${token.slice(middle)}`, ['whitespace']],
    [JSON.stringify({ access_token: token, id_token: 'x' }), ['json']],
    [`http://localhost:4040/callback#access_token=${token}&state=x`, ['address']],
  ] as const) {
    const read = readPasted(pasted)
    assert.ok('token' in read, pasted)
    assert.equal(read.token, token)
    assert.deepEqual(read.trimmed, trimmed)
    assert.equal(read.claims['sub'], 'ü')
  }
})

test('a text without a readable token has a reason', () => {
  const header = part({ alg: 'RSA-OAEP', enc: 'A256GCM' })
  for (const [pasted, problem] of [
    ['', 'empty'],
    [' \n ', 'empty'],
    ['Bearer ', 'empty'],
    ['nXo2m5yHq0Vd7ZQ3bq', 'opaque'],
    ['v1.MRrSyZ-refresh', 'opaque'],
    [token.slice(0, token.lastIndexOf('.')), 'cut_off'],
    [token.slice(0, 30), 'cut_off'],
    [`${header}.a.b.c.d`, 'encrypted'],
    ['a.b.c', 'unreadable'],
    ['1.2.3.4.5.6', 'unreadable'],
    [`${part([])}.${part({})}.x`, 'unreadable'],
    [`${part({ alg: 'RS256' })}.bm90IGpzb24.x`, 'cut_off'],
    ['{"iss":"https://id.example.com/"}', 'decoded'],
    ['{"error":"access_denied"}', 'no_token_in_json'],
    ['{"access_token":', 'no_token_in_json'],
    ['x'.repeat(maxLength + 1), 'too_long'],
    ['.'.repeat(maxLength), 'unreadable'],
  ] as const) {
    const read = readPasted(pasted)
    assert.deepEqual(read, { problem }, pasted.slice(0, 60))
  }
})

test('tokens of other kinds are told by type, claims and audience', () => {
  const kind = (header: object, claims: object, clients: string[] = []) =>
    otherKindOf({ header: { ...header }, claims: { ...claims } }, new Set(clients))
  assert.equal(kind({ typ: 'JWT' }, { aud: 'https://api.example.com', scope: 'x' }), undefined)
  assert.equal(kind({ typ: 'JWT' }, { aud: 'client', nonce: 'n' }), 'id_token')
  assert.equal(kind({ typ: 'JWT' }, { aud: 'client' }, ['client']), 'id_token')
  assert.equal(kind({ typ: 'at+jwt' }, { aud: 'https://api.example.com', nonce: 'n' }), undefined)
  assert.equal(kind({ typ: 'logout+jwt' }, { aud: 'client' }, ['client']), 'logout_token')
  assert.equal(kind({ typ: 'secevent+jwt' }, {}), 'event')
  assert.equal(kind({ typ: 'DPoP+JWT' }, {}), 'proof')
})
