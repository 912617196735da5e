import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stores } from '../store/testing.ts'
import { startServer } from '../testing/server.ts'

const forPrograms = [
  '/oauth/token',
  '/userinfo',
  '/dbconnections/signup',
  '/co/authenticate',
  '/passwordless/start',
  '/authorization/changes',
  '/.well-known/jwks.json',
  '/client/abc.js',
  '/dashboard/config.json',
  '/healthz',
  '/readyz',
]

test('an address for programs answers a refusal with JSON, also to who accepts HTML', async (t) => {
  const [kind] = stores
  assert(kind)
  const { issuer } = await startServer(t, kind)
  const refuse = async (path: string) => {
    const response = await fetch(new URL(`${path}?__proto__=`, issuer), { headers: { accept: 'text/html' } })
    assert(response.status >= 400, `${path}: ${response.status}`)
    return [path, response.headers.get('content-type')?.split(';')[0]]
  }
  assert.deepEqual(
    await Promise.all(forPrograms.map(refuse)),
    forPrograms.map((path) => [path, 'application/json']),
  )
  assert.deepEqual(await refuse('/setup'), ['/setup', 'text/html'])
})
