// A stand-in for a tenant of Auth0: its discovery document, paths, claims and form of errors, and nothing of Rolecall.
import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { audience, clientId, issuer, port } from './settings.js'

const { CLIENT_URL: clientUrl } = process.env
const { publicKey, privateKey } = await generateKeyPair('RS256')
const key = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
const at = (path) => `${issuer}${path}`
const discovery = {
  issuer,
  authorization_endpoint: at('authorize'),
  token_endpoint: at('oauth/token'),
  device_authorization_endpoint: at('oauth/device/code'),
  userinfo_endpoint: at('userinfo'),
  mfa_challenge_endpoint: at('mfa/challenge'),
  jwks_uri: at('.well-known/jwks.json'),
  registration_endpoint: at('oidc/register'),
  revocation_endpoint: at('oauth/revoke'),
  scopes_supported: ['openid', 'profile', 'offline_access', 'name', 'email'],
  response_types_supported: ['code', 'token', 'id_token', 'code token', 'code id_token'],
  code_challenge_methods_supported: ['S256', 'plain'],
  response_modes_supported: ['query', 'fragment', 'form_post'],
  subject_types_supported: ['public'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  claims_supported: ['aud', 'email', 'exp', 'iat', 'iss', 'name', 'sub'],
  request_uri_parameter_supported: false,
  request_parameter_supported: false,
  id_token_signing_alg_values_supported: ['HS256', 'RS256', 'PS256'],
}
/** What a code or a refresh token stands for. */
const grants = new Map()
/** Who a cookie stands for. */
const sessions = new Map()

const sign = (claims, lifetimeSeconds) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid })
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime(`${lifetimeSeconds} s`)
    .sign(privateKey)

async function tokens({ email, nonce }) {
  const sub = `auth0|${createHash('sha256').update(email).digest('hex').slice(0, 24)}`
  const permissions = email.startsWith('admin') ? ['read:admin-messages'] : []
  const refreshToken = randomUUID()
  grants.set(refreshToken, { email })
  return {
    access_token: await sign(
      {
        sub,
        aud: [audience, at('userinfo')],
        azp: clientId,
        scope: 'openid profile email offline_access',
        permissions,
      },
      86_400,
    ),
    refresh_token: refreshToken,
    id_token: await sign({ sub, aud: clientId, email, name: email, ...(nonce && { nonce }) }, 36_000),
    scope: 'openid profile email offline_access',
    expires_in: 86_400,
    token_type: 'Bearer',
  }
}

const loginPage = `<!doctype html><title>Log In</title><h1>Log In</h1><main><form method="post">
<label>Email address <input name="email"></label><label>Password <input name="password" type="password"></label>
<button>Continue</button></form></main>`

async function answer(request, response) {
  const url = new URL(request.url, issuer)
  const form = new URLSearchParams(request.method === 'POST' ? await text(request) : '')
  const cookie = /auth0=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
  const json = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  response.setHeader('access-control-allow-origin', clientUrl)
  response.setHeader('access-control-allow-headers', 'content-type, auth0-client, authorization')
  if (request.method === 'OPTIONS') response.writeHead(204).end()
  else if (url.pathname === '/.well-known/openid-configuration') json(200, discovery)
  else if (url.pathname === '/.well-known/jwks.json') json(200, { keys: [key] })
  else if (url.pathname === '/authorize') {
    const query = Object.fromEntries(url.searchParams)
    const email = form.get('email') ?? (query.prompt === 'login' ? undefined : sessions.get(cookie))
    if (query.prompt === 'none') {
      const reply = { error: 'login_required', error_description: 'Login required', state: query.state }
      if (email) {
        const code = randomUUID()
        grants.set(code, { ...query, email })
        Object.assign(reply, { code, error: undefined, error_description: undefined })
      }
      const message = JSON.stringify({ type: 'authorization_response', response: reply })
      response.setHeader('content-type', 'text/html')
      response.end(`<script>window.parent.postMessage(${message}, ${JSON.stringify(clientUrl)})</script>`)
    } else if (email) {
      const [code, session] = [randomUUID(), randomUUID()]
      grants.set(code, { ...query, email })
      sessions.set(session, email)
      const location = `${query.redirect_uri}?${new URLSearchParams({ code, state: query.state })}`
      response.writeHead(302, { location, 'set-cookie': `auth0=${session}; Path=/; HttpOnly` }).end()
    } else response.writeHead(200, { 'content-type': 'text/html' }).end(loginPage)
  } else if (url.pathname === '/oauth/token') {
    const name = form.get('code') ?? form.get('refresh_token')
    const grant = grants.get(name)
    grants.delete(name)
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!grant || (grant.code_challenge && grant.code_challenge !== challenge))
      json(403, { error: 'invalid_grant', error_description: 'Invalid authorization code' })
    else json(200, await tokens(grant))
  } else if (url.pathname === '/v2/logout') {
    sessions.delete(cookie)
    response.writeHead(302, { location: url.searchParams.get('returnTo') }).end()
  } else json(404, { error: 'Not Found' })
}

createServer((request, response) => void answer(request, response)).listen(port, 'localhost')
