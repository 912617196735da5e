/**
 * The device flow (RFC 8628): `/oauth/device/code` for the device, and the page `/activate` where a person enters the code
 * that the device shows. The protocol is oidc-provider's.
 */
import type { FastifyInstance } from 'fastify'
import { throttleRequest } from '../../accounts/attempts.ts'
import type { Context } from '../../context.ts'
import type { Protocol } from '../protocol.ts'
import { showProblemPage } from '../protocol-pages.ts'
import { asParams, clientParams, readBody, text, toAuthorizationParams } from '../request.ts'

const deviceParams = new Set([
  ...clientParams,
  'scope',
  'audience',
  'resource',
  'organization',
  'authorization_details',
  'acr_values',
  'claims',
  'connection',
  'login_hint',
])

/** Longer than any code in any spelling. */
const maxCodeLength = 50

export function deviceRoutes(app: FastifyInstance, ctx: Context, protocol: Protocol): void {
  app.post('/oauth/device/code', (request, reply) => {
    request.raw.headers.accept = 'application/json'
    const params = readBody(request.body, request.query, deviceParams)
    return protocol.handOver(request, reply, '/oauth/device/code', toAuthorizationParams(params))
  })

  // The code of `verification_uri_complete` fills in the form under another name: oidc-provider would answer it with a page
  // that a script sends on.
  app.get('/activate', (request, reply) => {
    const typed = text(asParams(request.query), 'user_code').slice(0, maxCodeLength)
    return protocol.handOver(request, reply, `/activate?${new URLSearchParams({ typed }).toString()}`)
  })
  app.post('/activate', async (request, reply) => {
    const seconds = await throttleRequest(ctx, 'activation', request.ip)
    if (seconds > 0) return showProblemPage(ctx, reply.header('retry-after', seconds), 'too_many_codes')
    const { user_code: _, ...others } = asParams(request.body)
    const typed = text(asParams(request.body), 'user_code').slice(0, maxCodeLength)
    return protocol.handOver(request, reply, '/activate', { ...others, user_code: readCode(typed) })
  })
  app.get('/activate/:uid', (request, reply) => protocol.handOver(request, reply, request.url))
}

/** Codes have consonants alone: a digit that looks like one is read as it. Case, spaces and dashes do not count. */
const lookalikes: Record<string, string> = { 1: 'L', 2: 'Z', 5: 'S', 8: 'B' }

function readCode(typed: string): string {
  return typed
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
    .replaceAll(/[1258]/g, (digit) => lookalikes[digit] ?? digit)
}
