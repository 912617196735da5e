import type { FastifyInstance, FastifyReply } from 'fastify'
import { afterResponse } from '../../accounts/after-response.ts'
import { throttleRequest } from '../../accounts/attempts.ts'
import { mailPasswordReset } from '../../accounts/password-reset.ts'
import { ticketPaths } from '../../accounts/tickets.ts'
import type { Application } from '../../applications/store.ts'
import { defaultConnectionName } from '../../connections/connections.ts'
import { type Connection, connectionOf, connectionsOf, findDatabase } from '../../connections/store.ts'
import type { Context } from '../../context.ts'
import { csrfField } from '../../pages/csrf.ts'
import {
  applicationOf,
  backUrl,
  frameOf,
  isOwnForm,
  issueToken,
  originOf,
  type PageFields,
  type PageRequest,
  readFields,
  sendPage,
  statusOf,
} from '../../pages/page-request.ts'
import type { Problem } from '../../pages/problems.ts'
import { forgotPage, forgotSentPage } from './password.ts'

export const forgotPath = `${ticketPaths.reset_password}/request`

/** Where the log-in page of an interaction sends people who forgot their password. */
export function forgotUrl(clientId: string, interactionUid?: string): string {
  const query = new URLSearchParams({ client_id: clientId, ...(interactionUid && { state: interactionUid }) })
  return `${forgotPath}?${query.toString()}`
}

export function forgotRoutes(app: FastifyInstance, ctx: Context): void {
  app.get(forgotPath, (request, reply) => show({ ctx, request, reply }, readFields(request.query)))
  app.post(forgotPath, (request, reply) => ask({ ctx, request, reply }, readFields(request.body)))
}

/** Answers the same, at the same moment, whether there is such an account or not; the mail follows. */
async function ask(exchange: PageRequest, sent: PageFields): Promise<FastifyReply> {
  const { ctx, request } = exchange
  const email = sent.email.trim()
  if (!isOwnForm(exchange, forgotPath, sent)) return show(exchange, sent, { refused: 'expired' })
  if (!/^\S+@\S+$/.test(email)) return show(exchange, sent, { refused: 'invalid' })
  const wait = await throttleRequest(ctx, 'reset', request.ip)
  if (wait > 0) return show(exchange, sent, { refused: 'too_many_attempts', retryAfterSeconds: wait })
  const application = await applicationOf(exchange, sent.client_id)
  const connection = await connectionFor(ctx, application)
  const origin = {
    ...originOf(exchange),
    clientId: application?.clientId,
    applicationName: application?.name,
  }
  if (connection) afterResponse(ctx, () => mailPasswordReset(ctx, connection, email, origin))
  const frame = await frameOf(exchange, application)
  return sendPage(
    exchange,
    200,
    forgotSentPage({
      frame,
      email,
      sendsMail: ctx.config.smtp !== undefined,
      hasProviders: application !== undefined && (await hasProvidersFor(ctx, application)),
      backUrl: backUrl(sent),
    }),
  )
}

async function show(exchange: PageRequest, sent: PageFields, problem?: Problem): Promise<FastifyReply> {
  const application = await applicationOf(exchange, sent.client_id)
  const hidden = {
    [csrfField]: issueToken(exchange, forgotPath),
    ...(application && { client_id: application.clientId }),
    ...(sent.state !== undefined && { state: sent.state }),
  }
  const frame = await frameOf(exchange, application)
  const body = forgotPage({
    frame,
    action: forgotPath,
    hidden,
    problem,
    email: sent.email,
    backUrl: backUrl(sent),
  })
  return sendPage(exchange, statusOf(problem), body, problem)
}

function connectionFor(ctx: Context, application: Application | undefined): Promise<Connection | undefined> {
  const { db } = ctx.store
  return application ? connectionOf(db, application.clientId) : findDatabase(db, defaultConnectionName)
}

async function hasProvidersFor(ctx: Context, { clientId }: Application): Promise<boolean> {
  return (await connectionsOf(ctx.store.db, clientId, 'providers')).length > 0
}
