// `oauth4webapi`: discovery, a token by client credentials, and a resource request; strict about what it is answered.
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { check } from './check.js'
import { apiUrl, audience, clientId, clientSecret, issuer } from './settings.js'

const insecure = { [oauth.allowInsecureRequests]: true }
const client = { client_id: clientId }
let server
let token

await check('discovery', async () => {
  const url = new URL(issuer)
  const response = await oauth.discoveryRequest(url, insecure)
  server = await oauth.processDiscoveryResponse(url, response)
})
await check('discovery by RFC 8414', async () => {
  const url = new URL(issuer)
  const response = await oauth.discoveryRequest(url, { ...insecure, algorithm: 'oauth2' })
  assert.equal((await oauth.processDiscoveryResponse(url, response)).issuer, issuer)
})
for (const [name, authentication] of [
  ['client_secret_basic', oauth.ClientSecretBasic(clientSecret)],
  ['client_secret_post', oauth.ClientSecretPost(clientSecret)],
])
  await check(`client credentials with \`${name}\``, async () => {
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      authentication,
      { audience },
      insecure,
    )
    token = await oauth.processClientCredentialsResponse(server, client, response)
  })
await check('validation of the access token by RFC 9068', async () => {
  const request = new Request(`${apiUrl}/`, { headers: { authorization: `Bearer ${token.access_token}` } })
  await oauth.validateJwtAccessToken(server, request, audience, insecure)
})
await check('use of the access token', async () => {
  const url = new URL('/api/messages/admin', apiUrl)
  const response = await oauth.protectedResourceRequest(
    token.access_token,
    'GET',
    url,
    undefined,
    undefined,
    insecure,
  )
  assert.equal(response.status, 200)
})
await check('revocation', async () => {
  const authentication = oauth.ClientSecretPost(clientSecret)
  const response = await oauth.revocationRequest(server, client, authentication, 'unknown', insecure)
  await oauth.processRevocationResponse(response)
})
