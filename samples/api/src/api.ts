import { METHODS } from 'node:http'
import { createGuard, type GuardErrorCode, permission, type Respond } from '@rolecall/guard'
import { fastifyGuard } from '@rolecall/guard/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { answerEarly, answerUnparsable, badRequest } from './http.ts'

/** The messages that the tutorial's client expects. The reason is in the challenge. */
const refusals: Record<GuardErrorCode, string> = {
  missing_token: 'Authentication credentials were not provided.',
  invalid_request: 'Authorization header must contain two space-delimited values',
  invalid_token: 'Given token not valid for any token type',
  invalid_dpop_proof: 'Given token not valid for any token type',
  insufficient_scope: 'Permission denied',
  insufficient_user_authentication: 'Authentication credentials were not provided.',
  temporarily_unavailable: 'Server Error',
}

const respond: Respond = (error) => ({
  status: error.code === 'invalid_request' ? 401 : error.status,
  body: { message: refusals[error.code] },
})

const messages = [
  { name: 'public', access: 'optional', text: 'This is a public message.' },
  { name: 'protected', access: 'authenticated', text: 'This is a protected message.' },
  { name: 'admin', access: permission('read:admin-messages'), text: 'This is an admin message.' },
] as const

/** All methods without GET, HEAD (which Fastify adds to GET), OPTIONS (answered early) and CONNECT. */
const otherMethods = METHODS.filter((method) => !['GET', 'HEAD', 'OPTIONS', 'CONNECT'].includes(method))

/** The Hello World API of the tutorial: three messages, each guarded differently. */
export async function createApi(config: Config): Promise<FastifyInstance> {
  const guard = createGuard({
    domain: config.auth0Domain,
    audience: config.auth0Audience,
    realm: 'api',
    errorDetail: config.debug,
    respond,
    ...(config.live && { live: config.live }),
  })
  // Opens the connection of live mode before the first request.
  if (config.live) void guard.refreshKeys()
  const app = Fastify({
    // Omits the query, because a caller may have put a token there by mistake.
    logger: config.debug && {
      serializers: { req: ({ method, url }) => ({ method, path: url.split('?', 1)[0] }) },
    },
    clientErrorHandler: (error, socket) => answerUnparsable(error, socket),
    frameworkErrors: (_error, request, reply) => {
      answerEarly(config.clientOrigin, request, reply, () => badRequest(reply))
    },
    http: { maxHeaderSize: 8192, requireHostHeader: false },
  })
  for (const method of otherMethods)
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  app.addContentTypeParser('*', (_request, body, done) => void body.resume().once('end', () => done(null)))

  app.addHook('onRequest', (request, reply, done) => answerEarly(config.clientOrigin, request, reply, done))
  // Removes the charset that Fastify adds: JSON has no such parameter (RFC 8259 §11).
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('content-type', 'application/json')
    done()
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'Not Found' }))
  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const { statusCode = 500 } = error
    if (statusCode >= 500) request.log.error(error)
    return reply.code(statusCode).send({
      message: statusCode >= 500 ? 'Server Error' : statusCode === 413 ? 'Payload Too Large' : 'Bad Request',
    })
  })

  app.addHook('onClose', async () => guard.close())
  await app.register(fastifyGuard, { guard })
  for (const { name, access, text } of messages) {
    const url = `/api/messages/${name}`
    app.get(url, { config: { access } }, () => ({ text }))
    app.route({
      method: otherMethods,
      url,
      config: { access },
      handler: (request, reply) =>
        reply
          .code(405)
          .header('allow', 'GET, HEAD, OPTIONS')
          .send({ message: `Method "${request.method}" not allowed.` }),
    })
  }
  return app
}
