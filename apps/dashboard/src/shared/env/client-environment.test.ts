import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientEnvironment } from './client-environment.ts'

const of = (app_type: string, issuer = 'http://localhost:5050/') =>
  clientEnvironment({
    application: { client_id: 'id', name: 'Client', app_type, callbacks: ['http://localhost:4040/callback'] },
    issuer,
    audience: 'https://api.example',
    apiUrl: 'http://localhost:6060',
  })

test('a single-page application gets the names that Vite hands to it', () => {
  assert.equal(
    of('spa'),
    [
      'VITE_AUTH0_DOMAIN=http://localhost:5050',
      'VITE_AUTH0_CLIENT_ID=id',
      'VITE_AUTH0_CALLBACK_URL=http://localhost:4040/callback',
      'VITE_AUTH0_AUDIENCE=https://api.example',
      'VITE_API_SERVER_URL=http://localhost:6060',
      '',
    ].join('\n'),
  )
})

test('under https the domain is the bare host, as with Auth0', () => {
  assert.match(of('spa', 'https://login.example/'), /^VITE_AUTH0_DOMAIN=login\.example$/m)
})

test('only an application that authenticates has a line for its secret, and only one with users a callback', () => {
  assert.ok(!of('native').includes('SECRET'))
  assert.match(of('regular_web'), /^AUTH0_CLIENT_SECRET=YOUR_CLIENT_SECRET$/m)
  assert.ok(!of('non_interactive').includes('CALLBACK'))
})
