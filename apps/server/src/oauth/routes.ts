/**
 * The authorization server's own addresses, in Auth0's places: `/authorize`, `/oauth/token`, `/oauth/revoke`,
 * `/userinfo`, `/v2/logout`, `/oidc/logout`, `/.well-known/*` and `/dbconnections/*`. The protocol itself is
 * oidc-provider's; these routes turn Auth0's dialect into it and answer what it does not know. The pages that a person
 * sees in between are in `interaction/`.
 */
import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { LogBuffer } from '../logs/log-buffer.ts'
import { dbconnectionsChangePassword, dbconnectionsSignup } from '../users/dbconnections.ts'
import type { Cors } from './cors.ts'
import { discoveryDocument } from './discovery.ts'
import { endBrowserSession, logoutTarget } from './logout.ts'
import type { Protocol } from './protocol.ts'
import { showLoggedOut, showProblemPage } from './protocol-pages.ts'
import { asParams, text, toAuthorizationParams, toProtocolParams, toQuery } from './request.ts'
import { isJwt, userinfoOf } from './userinfo.ts'

const publicMetadata = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' }

export function oauthRoutes(
  app: FastifyInstance,
  ctx: Context,
  keys: KeyRing,
  protocol: Protocol,
  cors: Cors,
  logs: LogBuffer,
): void {
  for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])
    app.get(path, (_request, reply) =>
      reply.headers(publicMetadata).send(discoveryDocument(ctx.config.issuer)),
    )
  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply.headers(publicMetadata).send(keys.publicJwks()),
  )

  app.get('/authorize', (request, reply) =>
    protocol.handOver(
      request,
      reply,
      `/authorize?${toQuery(toAuthorizationParams(asParams(request.query)))}`,
    ),
  )
  // From another site a POST comes without the session's cookie (SameSite); the GET it is sent on to has it.
  for (const path of ['/authorize', '/oidc/logout'])
    app.post(path, (request, reply) => reply.redirect(`${path}?${toQuery(asParams(request.body))}`, 303))
  app.get('/authorize/:uid', (request, reply) => protocol.handOver(request, reply, request.url))

  for (const path of ['/oauth/token', '/oauth/revoke']) {
    app.post(path, (request, reply) => {
      request.raw.headers.accept = 'application/json'
      return protocol.handOver(request, reply, path, toProtocolParams(asParams(request.body)))
    })
    app.options(path, (request, reply) => cors.preflight(request, reply))
  }

  app.route({
    method: ['GET', 'POST'],
    url: '/userinfo',
    handler: async (request, reply) => {
      request.raw.headers.accept = 'application/json'
      const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
      if (!isJwt(token))
        return protocol.handOver(
          request,
          reply,
          '/userinfo',
          request.method === 'POST' ? asParams(request.body) : undefined,
        )
      reply.header('cache-control', 'no-store')
      const answer = await userinfoOf(ctx, keys.publicJwks(), token)
      await cors.allow(request, reply, answer?.clientId ?? '')
      if (answer) return reply.send(answer.claims)
      return reply
        .code(401)
        .header('www-authenticate', `Bearer realm="${ctx.config.issuer}", error="invalid_token"`)
        .send({ error: 'invalid_token', error_description: 'invalid token provided' })
    },
  })
  app.options('/userinfo', (request, reply) => cors.preflight(request, reply))

  for (const [path, answer] of [
    ['/dbconnections/signup', dbconnectionsSignup],
    ['/dbconnections/change_password', dbconnectionsChangePassword],
  ] as const) {
    app.post(path, async (request, reply) => {
      const { status, body, headers } = await answer(ctx, request.body, {
        ip: request.ip,
        userAgent: request.headers['user-agent'],
      })
      await cors.allow(request, reply, text(asParams(request.body), 'client_id'))
      return reply
        .code(status)
        .headers(headers ?? {})
        .send(body)
    })
    app.options(path, (request, reply) => cors.preflight(request, reply))
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
