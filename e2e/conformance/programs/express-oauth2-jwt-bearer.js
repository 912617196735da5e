// An API that is guarded by `express-oauth2-jwt-bearer`, asked with tokens of this issuer.
import assert from 'node:assert/strict'
import express from 'express'
import { auth, claimIncludes, requiredScopes } from 'express-oauth2-jwt-bearer'
import { check } from './check.js'
import { audience, clientId, clientSecret, issuer } from './settings.js'

const app = express()
app.use(auth({ issuerBaseURL: issuer, audience }))
app.get('/protected', (request, response) => response.json(request.auth.payload))
app.get('/permission', claimIncludes('permissions', 'read:admin-messages'), (_request, response) =>
  response.json({}),
)
app.get('/scope', requiredScopes('read:admin-messages'), (_request, response) => response.json({}))
app.get('/other', requiredScopes('write:admin-messages'), (_request, response) => response.json({}))
app.use((error, _request, response, _next) =>
  response
    .set(error.headers)
    .status(error.status ?? 500)
    .json({ message: error.message }),
)
const server = app.listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))

async function tokenFor(resource) {
  const response = await fetch(new URL('oauth/token', issuer), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      audience: resource,
    }),
  })
  return (await response.json()).access_token
}

async function statusOf(path, token) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return (await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers })).status
}

const token = await tokenFor(audience)
await check('access token', async () => assert.equal(await statusOf('/protected', token), 200))
await check('claim `permissions`', async () => assert.equal(await statusOf('/permission', token), 200))
await check('claim `scope`', async () => assert.equal(await statusOf('/scope', token), 200))
await check('403 for a missing scope', async () => assert.equal(await statusOf('/other', token), 403))
await check('401 for a token of another API', async () =>
  assert.equal(await statusOf('/protected', await tokenFor(new URL('api/v2/', issuer).href)), 401),
)
await check('401 without token', async () => assert.equal(await statusOf('/protected'), 401))
server.close()
