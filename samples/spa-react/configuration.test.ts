import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeProblems, parseConfiguration, parsePort } from './src/configuration.ts'

const complete = {
  VITE_AUTH0_DOMAIN: 'http://localhost:5050',
  VITE_AUTH0_CLIENT_ID: 'a1b2c3',
  VITE_AUTH0_CALLBACK_URL: 'http://localhost:4040/callback',
  VITE_AUTH0_AUDIENCE: 'https://hello-world.example.com',
  VITE_API_SERVER_URL: 'http://localhost:6060',
}

function configurationOf(changes: Record<string, unknown>) {
  const parsed = parseConfiguration({ ...complete, ...changes })
  assert('configuration' in parsed, JSON.stringify(parsed))
  return parsed.configuration
}

function faultyVariables(environment: Record<string, unknown>) {
  const parsed = parseConfiguration(environment)
  return 'problems' in parsed ? parsed.problems.map(({ variable }) => variable) : []
}

test('a complete environment becomes a configuration with renewal in the iframe', () => {
  assert.deepEqual(configurationOf({}), {
    authorizationServer: 'http://localhost:5050',
    clientId: 'a1b2c3',
    callbackUrl: 'http://localhost:4040/callback',
    audience: 'https://hello-world.example.com',
    apiServerUrl: 'http://localhost:6060',
    useRefreshTokens: false,
  })
})

test('all missing variables are reported together, without the optional one', () => {
  assert.deepEqual(faultyVariables({}), Object.keys(complete))
  assert.deepEqual(faultyVariables({ ...complete, VITE_AUTH0_CLIENT_ID: '  ' }), ['VITE_AUTH0_CLIENT_ID'])
})

test('a domain is a host, a host with port or an origin, with or without a slash at the end', () => {
  const origins = {
    'tenant.eu.auth0.com': 'https://tenant.eu.auth0.com',
    'localhost:5050': 'https://localhost:5050',
    'http://localhost:5050/': 'http://localhost:5050',
    'https://login.example.com/': 'https://login.example.com',
  }
  for (const [domain, origin] of Object.entries(origins)) {
    assert.equal(configurationOf({ VITE_AUTH0_DOMAIN: domain }).authorizationServer, origin)
  }
})

test('a domain with a path, a space or another scheme is a fault', () => {
  for (const domain of ['http://localhost:5050/auth', 'two words', 'ftp://example.com', 'http://', 'a?b']) {
    assert.deepEqual(
      faultyVariables({ ...complete, VITE_AUTH0_DOMAIN: domain }),
      ['VITE_AUTH0_DOMAIN'],
      domain,
    )
  }
})

test('the slash at the end of the API server URL is removed', () => {
  assert.equal(
    configurationOf({ VITE_API_SERVER_URL: 'http://localhost:6060/' }).apiServerUrl,
    'http://localhost:6060',
  )
})

test('callback and API server must be absolute http URLs', () => {
  for (const url of ['localhost:6060', '/callback', 'javascript:alert(1)']) {
    const environment = { ...complete, VITE_AUTH0_CALLBACK_URL: url, VITE_API_SERVER_URL: url }
    assert.deepEqual(faultyVariables(environment), ['VITE_AUTH0_CALLBACK_URL', 'VITE_API_SERVER_URL'], url)
  }
})

test('the setting for refresh tokens is true or false', () => {
  assert.equal(configurationOf({ VITE_AUTH0_USE_REFRESH_TOKENS: 'true' }).useRefreshTokens, true)
  assert.equal(configurationOf({ VITE_AUTH0_USE_REFRESH_TOKENS: 'false' }).useRefreshTokens, false)
  assert.deepEqual(faultyVariables({ ...complete, VITE_AUTH0_USE_REFRESH_TOKENS: 'yes' }), [
    'VITE_AUTH0_USE_REFRESH_TOKENS',
  ])
})

test('the text for the terminal names each variable and quotes a wrong value', () => {
  const parsed = parseConfiguration({ ...complete, VITE_AUTH0_CLIENT_ID: '', VITE_API_SERVER_URL: 'nowhere' })
  assert('problems' in parsed)
  const text = describeProblems(parsed.problems)
  assert.match(text, /VITE_AUTH0_CLIENT_ID is missing/)
  assert.match(text, /VITE_API_SERVER_URL is "nowhere"/)
})

test('the port is 4040 unless PORT names another one', () => {
  assert.equal(parsePort(undefined), 4040)
  assert.equal(parsePort(''), 4040)
  assert.equal(parsePort('4141'), 4141)
  for (const value of ['0', '65536', 'http', '40.5']) assert.throws(() => parsePort(value), /PORT is/)
})
