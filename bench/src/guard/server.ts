/**
 * One of the servers under load, by the name in `VARIANT`. All answer `/message` with the same small object; they
 * differ in what stands before it. Asked over IPC, it tells how much processor time it has used: in microseconds, and not
 * by a route, which would have code recompiled that knew but one.
 */
import { createGuard, type Guard } from '@rolecall/guard'
import { requires } from '@rolecall/guard/express'
import { fastifyGuard } from '@rolecall/guard/fastify'
import { tutorial } from '@rolecall/server/tutorial'
import express from 'express'
import { auth, claimIncludes } from 'express-oauth2-jwt-bearer'
import Fastify, { type FastifyInstance } from 'fastify'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { createApi } from '../../../samples/api/src/api.ts'

const env = (name: string): string => process.env[name] ?? ''
const port = Number(env('PORT'))
const issuer = env('ISSUER')
const audience = env('AUDIENCE')
const permission = tutorial.permission.value
const message = tutorial.messages.admin
const domain = new URL(issuer).origin

const variants: Record<string, () => Promise<void>> = {
  'fastify bare': () => onFastify(async (app) => void app.get('/message', () => message)),
  'fastify guarded': () => onFastify(guardedMessage(createGuard({ domain, audience }))),
  // For the comparison with live mode, which has to connect before the first request.
  'fastify with keys': async () => {
    const guard = createGuard({ domain, audience })
    await guard.refreshKeys()
    await onFastify(guardedMessage(guard))
  },
  'fastify live': async () => {
    const live = { clientId: env('LIVE_CLIENT_ID'), clientSecret: env('LIVE_CLIENT_SECRET') }
    const guard = createGuard({ domain, audience, live })
    await guard.refreshKeys()
    await onFastify(guardedMessage(guard))
  },
  'fastify jose': () =>
    onFastify(async (app) => {
      const keys = createRemoteJWKSet(new URL(`${issuer}.well-known/jwks.json`))
      app.get('/message', {
        onRequest: async (request) => {
          const token = request.headers.authorization?.slice('Bearer '.length) ?? ''
          await jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256'] })
        },
        handler: () => message,
      })
    }),
  'express guarded': () => onExpress(requires(createGuard({ domain, audience }), permission)),
  'express-oauth2-jwt-bearer': () =>
    onExpress(
      auth({ issuer, jwksUri: `${issuer}.well-known/jwks.json`, audience, tokenSigningAlg: 'RS256' }),
      claimIncludes('permissions', permission),
    ),
  'hello world api': async () => {
    const config = {
      clientOrigin: 'http://localhost:4040',
      port,
      debug: false,
      auth0Domain: domain,
      auth0Audience: audience,
    }
    const app = await createApi(config)
    await app.listen({ host: '127.0.0.1', port })
  },
}

function guardedMessage(guard: Guard) {
  return async (app: FastifyInstance): Promise<void> => {
    await app.register(fastifyGuard, { guard })
    app.get('/message', { config: { access: permission } }, () => message)
  }
}

async function onFastify(add: (app: FastifyInstance) => Promise<void>): Promise<void> {
  const app = Fastify()
  await add(app)
  await app.listen({ host: '127.0.0.1', port })
}

async function onExpress(...middleware: express.RequestHandler[]): Promise<void> {
  const app = express()
  app.get('/message', ...middleware, (_request, response) => void response.json(message))
  await new Promise<void>((resolve) => {
    app.listen(port, '127.0.0.1', () => resolve())
  })
}

const start = variants[env('VARIANT')]
if (start === undefined) throw new Error(`No such variant: ${env('VARIANT')}`)
await start()
process.send?.({ ready: true })
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.once('SIGINT', () => process.exit())
