import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Ticket } from '../accounts/store.ts'
import type { Application } from '../applications/applications.ts'
import { findApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { checkCsrf, csrfField, issueCsrf } from './csrf.ts'
import { pageHeaders } from './headers.ts'
import type { Frame } from './layout.ts'
import type { Problem } from './problems.ts'

/** A page asked for and the answer to it. */
export interface Exchange {
  ctx: Context
  request: FastifyRequest
  reply: FastifyReply
}

const short = z.string().max(512).catch('')
const fields = z.object({
  ticket: short,
  client_id: short,
  email: z.string().max(320).catch(''),
  password: z.string().catch(''),
  /** The interaction to go back to. */
  state: z
    .string()
    .regex(/^[\w-]{16,64}$/)
    .optional()
    .catch(undefined),
  [csrfField]: short,
})

export type Sent = z.infer<typeof fields>

/** What a query or a form says; a member of another type, twice or too long, reads as absent. */
export function readSent(given: unknown): Sent {
  return fields.parse(typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {})
}

/** A token for a form of the page, good for this browser and purpose. */
export function issueToken({ ctx, request, reply }: Exchange, purpose: string): string {
  const { token, setCookie } = issueCsrf(ctx, purpose, request.headers.cookie)
  reply.header('set-cookie', setCookie)
  return token
}

export function isOwnForm({ ctx, request }: Exchange, purpose: string, sent: Sent): boolean {
  return checkCsrf(ctx, { headers: request.headers, purpose, token: sent[csrfField] })
}

export function sendPage({ reply }: Exchange, status: number, body: string, problem?: Problem): FastifyReply {
  if (problem && 'retryAfterSeconds' in problem) reply.header('retry-after', problem.retryAfterSeconds)
  return reply.code(status).headers(pageHeaders()).send(body)
}

/** The status of a form that is shown again. */
export function statusOf(problem: Problem | undefined): number {
  switch (problem?.refused) {
    case undefined:
    case 'connection':
      return 200
    case 'expired':
      return 403
    case 'too_many_attempts':
      return 429
    case 'busy':
      return 503
    default:
      return 400
  }
}

export async function frameOf({ ctx }: Exchange, application?: Application): Promise<Frame> {
  const { friendly_name: tenant, support_url: supportUrl } = await tenantSettings(ctx.store.db)
  return { tenant, application: application?.name, supportUrl: webAddress(supportUrl) }
}

export async function applicationOf(
  { ctx }: Exchange,
  clientId: string | undefined,
): Promise<Application | undefined> {
  return clientId && !/\p{Cc}/u.test(clientId) ? findApplication(ctx.store.db, clientId) : undefined
}

/** Where the request came from, for the log and the count of attempts. */
export function originOf({ request: { ip, headers } }: Exchange) {
  return { ip, userAgent: headers['user-agent'] }
}

/** Where a person goes on to from the last page of a link. */
export function nextUrl(ticket: Ticket, application: Application | undefined): string | undefined {
  return webAddress(ticket.resultUrl ?? application?.data.initiate_login_uri ?? undefined)
}

export function backUrl({ state }: Sent): string | undefined {
  return state && `/interaction/${state}`
}

/** A link for people is a web address, never a script (`javascript:`). */
function webAddress(url: string | undefined): string | undefined {
  return url && /^https?:\/\//i.test(url) ? url : undefined
}
