// A web application of Node alone with `openid-client`.
import { createServer } from 'node:http'
import * as client from 'openid-client'
import { audience, baseUrl, clientId, clientSecret, issuer, port, readMessage, scope } from './settings.js'

const options = issuer.startsWith('http:') ? { execute: [client.allowInsecureRequests] } : undefined
const config = await client.discovery(new URL(issuer), clientId, clientSecret, undefined, options)
/** One visitor at a time: the run is the only one. */
let begun
let tokens

const answers = {
  '/': () => ({ user: tokens?.claims().email ?? null }),
  '/login': async () => {
    const verifier = client.randomPKCECodeVerifier()
    begun = {
      pkceCodeVerifier: verifier,
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
    }
    return client.buildAuthorizationUrl(config, {
      redirect_uri: `${baseUrl}/callback`,
      scope,
      audience,
      state: begun.expectedState,
      nonce: begun.expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
  },
  '/callback': async (url) => {
    tokens = await client.authorizationCodeGrant(config, url, begun)
    return new URL(baseUrl)
  },
  '/message': () => readMessage(tokens.access_token),
  '/refreshed': async () => {
    const { refresh_token: refreshToken } = tokens
    return readMessage((await client.refreshTokenGrant(config, refreshToken)).access_token)
  },
  '/logout': () => {
    const { id_token: hint } = tokens
    tokens = undefined
    return client.buildEndSessionUrl(config, { id_token_hint: hint, post_logout_redirect_uri: baseUrl })
  },
}

createServer(async (request, response) => {
  try {
    const url = new URL(request.url, baseUrl)
    const answer = await answers[url.pathname]?.(url)
    if (answer instanceof URL) response.writeHead(302, { location: answer.href }).end()
    else response.end(JSON.stringify(answer))
  } catch (error) {
    console.error(error)
    response.writeHead(500).end(String(error))
  }
}).listen(port, 'localhost')
