import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors } from 'oidc-provider'
import type { Context } from '../../context.ts'
import { checkCsrf, csrfField, issueCsrf } from '../../pages/csrf.ts'
import { keyScript, pageHeaders } from '../../pages/headers.ts'
import { statusOf } from '../../pages/page-request.ts'
import type { Problem } from '../../pages/problems.ts'
import type { Cache } from '../../store/cache.ts'
import type { Protocol } from '../protocol.ts'
import { showProblemPage } from '../protocol-pages.ts'
import { asParams } from '../request.ts'
import { openScene, type Scene } from './interaction.ts'

/** What the steps of an interaction are made with. */
export interface StepDeps {
  ctx: Context
  protocol: Protocol
  cache: Cache
}

export type Handler = (request: FastifyRequest, reply: FastifyReply, scene: Scene) => Promise<FastifyReply>

/** What a page was about is not so any more. */
export class StepExpiredError extends Error {
  override name = 'StepExpiredError'
}

/**
 * Finds the waiting request, or says that there is none any more.
 * @param asksFor what the handler is a step of. A log-in that is completed where a consent is asked for would be valid
 *   whatever has happened to its account since: the protocol takes it for that of the session (`session-model.ts`).
 */
export function within(
  { ctx, protocol, cache }: StepDeps,
  handler: Handler,
  asksFor: 'log-in' | 'consent' | 'either' = 'log-in',
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const scene = await openScene(ctx, cache, protocol, request, reply)
    const asked = scene?.interaction.prompt.name === 'consent' ? 'consent' : 'log-in'
    if (!scene || (asksFor !== 'either' && asksFor !== asked)) return showProblemPage(ctx, reply, 'expired')
    try {
      return await handler(request, reply, scene)
    } catch (error) {
      // Another request completed it, or ended the session it belongs to.
      if (error instanceof errors.SessionNotFound || error instanceof StepExpiredError)
        return showProblemPage(ctx, reply, 'expired')
      throw error
    }
  }
}

/** Whether a page of this interaction, in this browser, sent the form. */
export function isOwnForm(ctx: Context, { headers, body }: FastifyRequest, { interaction }: Scene): boolean {
  return checkCsrf(ctx, { headers, purpose: interaction.uid, token: asParams(body)[csrfField] })
}

/**
 * Sends a page of the interaction, whose form leads to the application in the end.
 * @param render is given the CSRF token
 * @param hasKeys whether the page has a form of `key-form.ts`
 */
export function sendStep(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  { interaction: { uid, params } }: Scene,
  problem: Problem | undefined,
  render: (csrf: string) => string,
  { hasKeys = false }: { hasKeys?: boolean } = {},
): FastifyReply {
  const csrf = issueCsrf(ctx, uid, request.headers.cookie)
  if (problem && 'retryAfterSeconds' in problem) reply.header('retry-after', problem.retryAfterSeconds)
  return reply
    .code(statusOf(problem))
    .headers(
      pageHeaders({
        leadsToApplication: true,
        inPopup: params['response_mode'] === 'web_message',
        script: hasKeys ? keyScript(ctx.config) : undefined,
      }),
    )
    .header('set-cookie', csrf.setCookie)
    .send(render(csrf.token))
}

/** Where a request came from, for the log and for throttling. */
export function originOf({ id, ip, headers }: FastifyRequest, { application }: Scene) {
  return { ip, userAgent: headers['user-agent'], requestId: id, clientId: application.clientId }
}
