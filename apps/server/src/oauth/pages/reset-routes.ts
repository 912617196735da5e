import type { FastifyInstance, FastifyReply } from 'fastify'
import { resetPassword } from '../../accounts/password-reset.ts'
import { openTicket, ticketPaths } from '../../accounts/tickets.ts'
import { findConnection } from '../../connections/store.ts'
import type { Context } from '../../context.ts'
import { csrfField } from '../../pages/csrf.ts'
import {
  applicationOf,
  frameOf,
  isOwnForm,
  issueToken,
  nextUrl,
  originOf,
  type PageFields,
  type PageRequest,
  readFields,
  sendPage,
  statusOf,
} from '../../pages/page-request.ts'
import type { Problem } from '../../pages/problems.ts'
import { forgotPath } from './forgot-routes.ts'
import { removeOtherLogIns } from './other-log-ins.ts'
import { linkInvalidPage, resetDonePage, resetPage } from './password.ts'

const path = ticketPaths.reset_password

export function resetRoutes(app: FastifyInstance, ctx: Context): void {
  app.get(path, (request, reply) => show({ ctx, request, reply }, readFields(request.query).ticket))
  app.post(path, (request, reply) => reset({ ctx, request, reply }, readFields(request.body)))
}

async function reset(exchange: PageRequest, sent: PageFields): Promise<FastifyReply> {
  const { ctx } = exchange
  const { ticket: token, password } = sent
  if (!isOwnForm(exchange, token, sent)) return show(exchange, token, { refused: 'expired' })
  const outcome = await resetPassword(ctx, token, password, {
    ...originOf(exchange),
    removeOtherLogIns: removeOtherLogIns(ctx, originOf(exchange)),
  })
  if ('refused' in outcome)
    return outcome.refused === 'link' ? refuse(exchange) : show(exchange, token, outcome)
  const application = await applicationOf(exchange, outcome.ticket.clientId)
  const frame = await frameOf(exchange, application)
  return sendPage(exchange, 200, resetDonePage({ frame, nextUrl: nextUrl(outcome.ticket, application) }))
}

async function show(exchange: PageRequest, token: string, problem?: Problem): Promise<FastifyReply> {
  const { ctx } = exchange
  const opened = await openTicket(ctx, token, 'reset_password')
  const connection = opened && (await findConnection(ctx.store.db, opened.user.connection))
  if (!opened || !connection) return refuse(exchange)
  const body = resetPage({
    frame: await frameOf(exchange, await applicationOf(exchange, opened.ticket.clientId)),
    action: path,
    hidden: { [csrfField]: issueToken(exchange, token), ticket: token },
    email: opened.user.email,
    policy: connection.options,
    problem,
  })
  return sendPage(exchange, statusOf(problem), body, problem)
}

async function refuse(exchange: PageRequest): Promise<FastifyReply> {
  return sendPage(exchange, 400, linkInvalidPage({ frame: await frameOf(exchange), retryUrl: forgotPath }))
}
