/**
 * The authorization server's own addresses, in Auth0's places: `/authorize`, `/oauth/par`, `/oauth/token`, `/oauth/revoke`, `/oauth/introspect`,
 * `/userinfo`, `/v2/logout`, `/oidc/logout`, `/.well-known/*` and `/dbconnections/*`. The protocol itself is
 * oidc-provider's; these routes turn Auth0's dialect into it and answer what it does not know. The pages that a person
 * sees in between are in `interaction/`.
 */
import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import { ApiError } from '../http/api-error.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { LogBuffer } from '../logs/log-buffer.ts'
import type { Cache } from '../store/cache.ts'
import { type Cors, servePublic } from './cors.ts'
import { dbconnectionsChangePassword, dbconnectionsSignup } from './dbconnections.ts'
import { deviceRoutes } from './device/routes.ts'
import { discoveryDocument } from './discovery.ts'
import { endBrowserSession, logoutTarget } from './logout.ts'
import type { Protocol } from './protocol.ts'
import { showLoggedOut, showProblemPage } from './protocol-pages.ts'
import {
  asParams,
  clientParams,
  InvalidRequest,
  mergeParams,
  readBody,
  text,
  toAuthorizationParams,
  toProtocolParams,
  toQuery,
} from './request.ts'
import { unsupportedRoutes } from './unsupported.ts'
import { userinfoRoute } from './userinfo.ts'

/** Node accepts 16 KiB of address and headers together; the rest is for cookies. */
const maxAddressLength = 12_288
const publicMetadata = {
  'content-type': 'application/json; charset=utf-8',
  'access-control-allow-origin': '*',
  'cache-control': 'public, max-age=300',
}

const revocationParams = new Set([...clientParams, 'token', 'token_type_hint'])
/** What would limit a token to something that this server does not know of. */
const unsupportedAtToken = {
  organization: 'organizations are not supported',
  authorization_details: 'authorization_details (RFC 9396) is not supported',
}
/** Those of an authorization request, as `/oauth/par` takes them (RFC 9126 §2.1). */
const pushedParams = new Set([
  ...clientParams,
  'response_type',
  'response_mode',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'audience',
  'resource',
  'code_challenge',
  'code_challenge_method',
  'prompt',
  'max_age',
  'login_hint',
  'id_token_hint',
  'connection',
  'screen_hint',
  'claims',
  'acr_values',
  'organization',
  'invitation',
  'authorization_details',
  'dpop_jkt',
  'request',
  'request_uri',
  'registration',
])
const tokenParams = new Set([
  ...clientParams,
  ...Object.keys(unsupportedAtToken),
  'grant_type',
  'code',
  'redirect_uri',
  'code_verifier',
  'refresh_token',
  'device_code',
  'scope',
  'audience',
  'resource',
])

const texts = new WeakMap<object, string>()

/** The JSON of a document, which is made once while it is the same object. */
function textOf(document: object): string {
  const json = texts.get(document) ?? JSON.stringify(document)
  texts.set(document, json)
  return json
}

export function oauthRoutes(
  app: FastifyInstance,
  ctx: Context,
  keys: KeyRing,
  protocol: Protocol,
  cache: Cache,
  cors: Cors,
  logs: LogBuffer,
): void {
  const discovery = discoveryDocument(ctx.config.issuer)
  const metadata: Record<string, () => object> = {
    '/.well-known/openid-configuration': () => discovery,
    '/.well-known/oauth-authorization-server': () => discovery,
    '/.well-known/jwks.json': () => keys.publicJwks(),
  }
  for (const [path, show] of Object.entries(metadata)) {
    app.get(path, (_request, reply) => reply.headers(publicMetadata).send(textOf(show())))
    servePublic(app, path)
  }
  cors.serve(app, [
    '/oauth/token',
    '/oauth/revoke',
    '/oauth/par',
    '/userinfo',
    '/dbconnections/signup',
    '/dbconnections/change_password',
  ])

  app.get('/authorize', async (request, reply) => {
    if (request.url.length > maxAddressLength) throw new ApiError(414, 'The address is too long')
    const query = toQuery(toAuthorizationParams(asParams(request.query)))
    return protocol.handOver(request, reply, `/authorize?${query}`)
  })
  // From another site a POST comes without the session's cookie (SameSite); the GET it is sent on to has it.
  for (const path of ['/authorize', '/oidc/logout'])
    app.post(path, async (request, reply) => {
      const address = `${path}?${toQuery(mergeParams(request.body, request.query))}`
      if (address.length > maxAddressLength) throw new ApiError(413, 'The request is too large')
      return reply.redirect(address, 303)
    })
  app.get('/authorize/:uid', (request, reply) => protocol.handOver(request, reply, request.url))

  for (const [path, known] of [
    ['/oauth/token', tokenParams],
    ['/oauth/revoke', revocationParams],
    ['/oauth/introspect', revocationParams],
  ] as const)
    app.post(path, (request, reply) => {
      request.raw.headers.accept = 'application/json'
      const params = readBody(request.body, request.query, known)
      for (const [name, description] of Object.entries(unsupportedAtToken))
        if (params[name] !== undefined) throw new InvalidRequest(description)
      if (params['audience'] && params['resource'])
        throw new InvalidRequest('audience and resource must not be used together')
      return protocol.handOver(request, reply, path, toProtocolParams(params))
    })

  app.post('/oauth/par', (request, reply) => {
    request.raw.headers.accept = 'application/json'
    const params = readBody(request.body, request.query, pushedParams)
    return protocol.handOver(request, reply, '/oauth/par', toAuthorizationParams(params))
  })

  deviceRoutes(app, ctx, protocol)
  unsupportedRoutes(app, cors)
  userinfoRoute(app, ctx, keys, protocol, cache, cors)

  for (const [path, answer] of [
    ['/dbconnections/signup', dbconnectionsSignup],
    ['/dbconnections/change_password', dbconnectionsChangePassword],
  ] as const) {
    app.post(path, async (request, reply) => {
      const { status, body, headers } = await answer(ctx, request.body, {
        ip: request.ip,
        userAgent: request.headers['user-agent'],
      })
      await cors.narrow(request, reply, text(asParams(request.body), 'client_id'))
      return reply
        .code(status)
        .headers(headers ?? {})
        .send(body)
    })
  }

  app.get('/v2/logout', async (request, reply) => {
    const target = await logoutTarget(ctx, asParams(request.query))
    if (target === false) return showProblemPage(ctx, reply, 'returnTo')
    await endBrowserSession(protocol, logs, request, reply)
    return target === undefined ? showLoggedOut(ctx, reply) : reply.redirect(target, 302)
  })
  app.get('/oidc/logout', (request, reply) => protocol.handOver(request, reply, request.url))
  app.post('/oidc/logout/confirm', (request, reply) =>
    protocol.handOver(request, reply, '/oidc/logout/confirm', asParams(request.body)),
  )
  app.get('/oidc/logout/success', (request, reply) => protocol.handOver(request, reply, request.url))
}
