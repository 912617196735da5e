import type { FastifyInstance, FastifyReply } from 'fastify'
import { makeOwner, openOwnerLink, ownersConnection, setupPath } from '../accounts/owner-links.ts'
import type { Context } from '../context.ts'
import { csrfField } from '../pages/csrf.ts'
import {
  frameOf,
  isOwnForm,
  issueToken,
  type PageFields,
  type PageRequest,
  readFields,
  sendPage,
  statusOf,
} from '../pages/page-request.ts'
import type { Problem } from '../pages/problems.ts'
import { setupGonePage, setupPage } from './setup-page.ts'

/** The page of an owner link, which creates or restores an owner. It needs no JavaScript. */
export function setupRoutes(app: FastifyInstance, ctx: Context): void {
  app.get(setupPath, (request, reply) => show({ ctx, request, reply }, readFields(request.query)))
  app.post(setupPath, (request, reply) => create({ ctx, request, reply }, readFields(request.body)))
}

async function create(exchange: PageRequest, sent: PageFields): Promise<FastifyReply> {
  const { ctx, request, reply } = exchange
  if (!isOwnForm(exchange, sent.ticket, sent)) return show(exchange, sent, { refused: 'expired' })
  const outcome = await makeOwner(ctx, {
    token: sent.ticket,
    email: sent.email,
    password: sent.password,
    ip: request.ip,
    userAgent: request.headers['user-agent'],
  })
  if ('user' in outcome) return reply.redirect('/dashboard/', 303)
  if (outcome.refused === 'link') return refuse(exchange)
  return show(exchange, sent, outcome)
}

async function show(exchange: PageRequest, sent: PageFields, problem?: Problem): Promise<FastifyReply> {
  const { ctx } = exchange
  const purpose = await openOwnerLink(ctx.store.db, sent.ticket, ctx.clock())
  if (!purpose) return refuse(exchange)
  const { options: policy } = await ownersConnection(ctx.store.db)
  const body = setupPage({
    purpose,
    frame: await frameOf(exchange),
    action: setupPath,
    hidden: { [csrfField]: issueToken(exchange, sent.ticket), ticket: sent.ticket },
    email: sent.email,
    policy,
    problem,
  })
  return sendPage(exchange, statusOf(problem), body, problem)
}

async function refuse(exchange: PageRequest): Promise<FastifyReply> {
  return sendPage(exchange, 410, setupGonePage(await frameOf(exchange), '/dashboard/'))
}
