import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Ticket } from '../accounts/store.ts'
import { type Application, findApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { checkCsrf, csrfField, issueCsrf } from './csrf.ts'
import { pageHeaders } from './headers.ts'
import type { Frame } from './layout.ts'
import type { Problem } from './problems.ts'

/** A request for a page, and its reply. */
export interface PageRequest {
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
  /** The interaction to return to. */
  state: z
    .string()
    .regex(/^[\w-]{16,64}$/)
    .optional()
    .catch(undefined),
  [csrfField]: short,
})

export type PageFields = z.infer<typeof fields>

/** The fields of a query or a form. A field of another type, repeated or too long, counts as absent. */
export function readFields(given: unknown): PageFields {
  return fields.parse(typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {})
}

/** A CSRF token for a form of the page, valid for this browser and purpose. */
export function issueToken({ ctx, request, reply }: PageRequest, purpose: string): string {
  const { token, setCookie } = issueCsrf(ctx, purpose, request.headers.cookie)
  reply.header('set-cookie', setCookie)
  return token
}

export function isOwnForm({ ctx, request }: PageRequest, purpose: string, sent: PageFields): boolean {
  return checkCsrf(ctx, { headers: request.headers, purpose, token: sent[csrfField] })
}

export function sendPage(
  { reply }: PageRequest,
  status: number,
  body: string,
  problem?: Problem,
): FastifyReply {
  if (problem && 'retryAfterSeconds' in problem) reply.header('retry-after', problem.retryAfterSeconds)
  return reply.code(status).headers(pageHeaders()).send(body)
}

/** The status of a page that shows the form again. */
export function statusOf(problem: Problem | undefined): number {
  switch (problem?.refused) {
    case undefined:
    case 'connection':
    case 'second_factor':
    case 'provider_denied':
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

export async function frameOf({ ctx }: PageRequest, application?: Application): Promise<Frame> {
  const { friendly_name: tenant, support_url: supportUrl } = await tenantSettings(ctx.store.db)
  return { tenant, application: application?.name, supportUrl: webAddress(supportUrl) }
}

export async function applicationOf(
  { ctx }: PageRequest,
  clientId: string | undefined,
): Promise<Application | undefined> {
  return clientId && !/\p{Cc}/u.test(clientId) ? findApplication(ctx.store.db, clientId) : undefined
}

/** The origin of the request, for the log and for throttling. */
export function originOf({ request: { id, ip, headers } }: PageRequest) {
  return { ip, userAgent: headers['user-agent'], requestId: id }
}

/** The address that the last page of a link leads to. */
export function nextUrl(ticket: Ticket, application: Application | undefined): string | undefined {
  return webAddress(ticket.resultUrl ?? application?.data.initiate_login_uri ?? undefined)
}

export function backUrl({ state }: PageFields): string | undefined {
  return state && `/interaction/${state}`
}

/** Accepts http and https addresses only, so that no link runs a script (`javascript:`). */
function webAddress(url: string | undefined): string | undefined {
  return url && /^https?:\/\//i.test(url) ? url : undefined
}
