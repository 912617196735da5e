import type { FastifyInstance, FastifyReply } from 'fastify'
import { openVerification, verifyEmail } from '../../accounts/email-verification.ts'
import { ticketPaths } from '../../accounts/tickets.ts'
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
import { forgotPath, forgotUrl } from './forgot-routes.ts'
import { linkInvalidPage, verifiedPage, verifyPage } from './password.ts'

const path = ticketPaths.verify_email

export function verifyRoutes(app: FastifyInstance, ctx: Context): void {
  app.get(path, (request, reply) => show({ ctx, request, reply }, readFields(request.query).ticket))
  app.post(path, (request, reply) => verify({ ctx, request, reply }, readFields(request.body)))
}

async function verify(exchange: PageRequest, sent: PageFields): Promise<FastifyReply> {
  const { ticket: token, password } = sent
  if (!isOwnForm(exchange, token, sent)) return show(exchange, token, { refused: 'expired' })
  const outcome = await verifyEmail(exchange.ctx, token, password, originOf(exchange))
  if ('refused' in outcome)
    return outcome.refused === 'link' ? refuse(exchange) : show(exchange, token, outcome)
  const { ticket, user } = outcome
  const application = await applicationOf(exchange, ticket.clientId)
  const frame = await frameOf(exchange, application)
  return sendPage(
    exchange,
    200,
    verifiedPage({ frame, email: user.email, nextUrl: nextUrl(ticket, application) }),
  )
}

async function show(exchange: PageRequest, token: string, problem?: Problem): Promise<FastifyReply> {
  const opened = await openVerification(exchange.ctx, token)
  if (!opened) return refuse(exchange)
  const application = await applicationOf(exchange, opened.ticket.clientId)
  const body = verifyPage({
    frame: await frameOf(exchange, application),
    action: path,
    hidden: { [csrfField]: issueToken(exchange, token), ticket: token },
    email: opened.user.email,
    newEmail: opened.ticket.newEmail,
    asksPassword: opened.asksPassword,
    forgotUrl: application ? forgotUrl(application.clientId) : forgotPath,
    problem,
  })
  return sendPage(exchange, statusOf(problem), body, problem)
}

async function refuse(exchange: PageRequest): Promise<FastifyReply> {
  return sendPage(exchange, 400, linkInvalidPage({ frame: await frameOf(exchange) }))
}
