import type { FastifyInstance } from 'fastify'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { type Cors, servePublic } from './cors.ts'
import { text } from './request.ts'

const remedy = 'Send the browser to /authorize with response_type=code and PKCE, as auth0-spa-js does.'
const reasons = {
  '/co/authenticate': `Cross-origin authentication is not supported: passwords are entered at this server alone. ${remedy}`,
  '/passwordless/start': `Login without a password is not supported. ${remedy}`,
}
const embedded = `Lock and auth0-js embed the login form in the application, which is not supported. ${remedy}`

const implicit = `response_type=token is not supported: an access token in an address leaks (RFC 9700 §2.1.2). ${remedy}`

/** An implicit flow with an access token is refused by oidc-provider; the redirect back then names the remedy. */
export async function explainImplicitFlow(
  request: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next()
  const location = request.response.get('location')
  if (location && /\btoken\b/.test(text(request.query, 'response_type').replace('id_token', '')))
    request.set(
      'location',
      location.replace(
        /error_description=unsupported(?:\+|%20)response_type(?:\+|%20)requested/,
        () => `error_description=${encodeURIComponent(implicit)}`,
      ),
    )
}

/** Endpoints that auth0-js and Lock call and this server does not have. Their errors name the remedy, readable to scripts. */
export function unsupportedRoutes(app: FastifyInstance, cors: Cors): void {
  cors.serve(app, Object.keys(reasons), { credentials: true })
  for (const [path, description] of Object.entries(reasons))
    app.post(path, (_request, reply) =>
      reply.code(400).send({ error: 'operation_not_supported', error_description: description }),
    )
  // Lock loads it with a script element, which reports a status alone.
  app.get('/client/:file', (_request, reply) =>
    reply
      .code(404)
      .headers({ 'access-control-allow-origin': '*', 'content-type': 'text/javascript; charset=utf-8' })
      .send(`// ${embedded}\n`),
  )
  servePublic(app, '/client/:file')
}
