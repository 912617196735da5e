import type { FastifyInstance, FastifyReply } from 'fastify'
import { makeOwner, openOwnerLink, ownersConnection, setupPath } from '../../accounts/owner-links.ts'
import type { Context } from '../../context.ts'
import { needsSecondStep } from '../../factors/policy.ts'
import { csrfField } from '../../pages/csrf.ts'
import {
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
import { logInSettings } from '../../tenant/settings.ts'
import { startBrowserSession } from '../browser-session.ts'
import type { Protocol } from '../protocol.ts'
import { removeOtherLogIns } from './other-log-ins.ts'
import { setupGonePage, setupPage } from './setup-page.ts'

/** The page of an owner link, which creates or restores an owner and logs them in. It needs no JavaScript. */
export function setupRoutes(app: FastifyInstance, ctx: Context, protocol: Protocol): void {
  app.get(setupPath, (request, reply) => show({ ctx, request, reply }, readFields(request.query)))
  app.post(setupPath, (request, reply) => create({ ctx, request, reply }, protocol, readFields(request.body)))
}

async function create(page: PageRequest, protocol: Protocol, fields: PageFields): Promise<FastifyReply> {
  const { ctx, request, reply } = page
  if (!isOwnForm(page, fields.ticket, fields)) return show(page, fields, { refused: 'expired' })
  const outcome = await makeOwner(ctx, {
    token: fields.ticket,
    email: fields.email,
    password: fields.password,
    ip: request.ip,
    userAgent: request.headers['user-agent'],
    removeOtherLogIns: removeOtherLogIns(ctx, originOf(page)),
  })
  if ('user' in outcome) {
    const { factorPolicy } = await logInSettings(ctx.store.db)
    // With a second factor the dashboard asks for the log-in, and for its second step.
    if (!(await needsSecondStep(ctx.store.db, factorPolicy, outcome.user)))
      await startBrowserSession(ctx, protocol, request, reply, outcome.user)
    return reply.redirect('/dashboard/', 303)
  }
  if (outcome.refused === 'link') return refuse(page)
  return show(page, fields, outcome)
}

async function show(page: PageRequest, fields: PageFields, problem?: Problem): Promise<FastifyReply> {
  const { ctx } = page
  const purpose = await openOwnerLink(ctx.store.db, fields.ticket, ctx.clock())
  if (!purpose) return refuse(page)
  const { options: policy } = await ownersConnection(ctx.store.db)
  const body = setupPage({
    purpose,
    frame: await frameOf(page),
    action: setupPath,
    hidden: { [csrfField]: issueToken(page, fields.ticket), ticket: fields.ticket },
    email: fields.email,
    policy,
    problem,
  })
  return sendPage(page, statusOf(problem), body, problem)
}

async function refuse(page: PageRequest): Promise<FastifyReply> {
  return sendPage(page, 410, setupGonePage(await frameOf(page), '/dashboard/'))
}
