/**
 * The account page, where users see and change their own account:
 *
 *   /account              everything at once; without a session, the log-in page first
 *   /account/email        and /password, /delete, /second-factor, /recovery-codes, /method: these need a log-in that is
 *                         a few minutes old (`visit.ts`)
 *   /account/data         what the server has stored about the user
 *
 * It is rendered by the server and needs no script. A GET changes nothing; each form has a token of this browser's session.
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import {
  allowsDeletion,
  changeEmail,
  changePassword,
  deleteOwnAccount,
  type OwnChange,
  ownParts,
  rename,
  sendVerification,
} from '../../accounts/own-account.ts'
import { findConnection } from '../../connections/store.ts'
import type { Context } from '../../context.ts'
import { frameOf, originOf, sendPage } from '../../pages/page-request.ts'
import { startBrowserSession } from '../browser-session.ts'
import type { Protocol } from '../protocol.ts'
import type { ProviderProtocol } from '../providers/provider-protocol.ts'
import { factorRoutes } from './factor-routes.ts'
import { copyOf, endOtherSessions, endOwnSession, overviewOf, removeApplication } from './overview.ts'
import { deletedPage, deletePage, emailPage, overviewPage, passwordPage } from './pages.ts'
import { linkableProviders, providerRoutes } from './provider-routes.ts'
import { type Refusal, sendRefusal } from './refusals.ts'
import { accountPath } from './session.ts'
import { accountTexts as words } from './texts.ts'
import {
  accountRoutes,
  arrival,
  back,
  type Done,
  isDone,
  partsOf,
  requestedPage,
  type Visit,
} from './visit.ts'

export function accountPageRoutes(
  app: FastifyInstance,
  { ctx, protocol, providers }: { ctx: Context; protocol: Protocol; providers: ProviderProtocol },
): void {
  const routes = accountRoutes(app, ctx, protocol)
  const { show, showConfirmed, submitConfirmed } = routes
  const expired = { refused: 'expired' } as const
  const submit = (path: string, handler: Parameters<typeof routes.submit>[1]) =>
    routes.submit(path, handler, (visit) => showOverview(visit, expired))

  show('', async (visit) => {
    const { code, error, state } = arrival.parse(visit.request.query)
    // The address of the log-in's answer is not kept in the browser's history.
    if (code) return visit.reply.redirect(accountPath + requestedPage(state), 303)
    return error ? back(visit) : showOverview(visit)
  })
  submit('/name', async (visit, { name }) =>
    answer(visit, await rename(ctx, visit.visitor.user, name.trim()), 'name'),
  )
  submit('/verification', async (visit) =>
    answer(visit, await sendVerification(ctx, visit.visitor.user, originOf(visit)), 'verification'),
  )
  submit('/session', async (visit, { session }) => {
    await endOwnSession(ctx, visit.visitor, session)
    return back(visit, 'session')
  })
  submit('/sessions', async (visit) => {
    await endOtherSessions(ctx, visit.visitor)
    return back(visit, 'sessions')
  })
  submit('/application', async (visit, { client_id: clientId }) => {
    await removeApplication(ctx, visit.visitor, clientId)
    return back(visit, 'application')
  })
  show('/data', async ({ reply, visitor }) =>
    reply
      .headers({
        'cache-control': 'no-store',
        'content-disposition': 'attachment; filename="account.json"',
        'content-type': 'application/json; charset=utf-8',
        'x-content-type-options': 'nosniff',
      })
      .send(JSON.stringify(await copyOf(ctx, visitor), null, 2)),
  )

  showConfirmed('/email', async (visit) =>
    (await ownParts(ctx, visit.visitor.user)).profile ? showEmail(visit) : back(visit),
  )
  submitConfirmed(
    '/email',
    async (visit, { email }) => {
      const outcome = await changeEmail(ctx, visit.visitor.user, email, originOf(visit))
      return 'refused' in outcome ? showEmail(visit, outcome, email) : back(visit, 'email')
    },
    (visit) => showEmail(visit, expired),
    () => '/email',
  )
  showConfirmed('/password', async (visit) =>
    (await ownParts(ctx, visit.visitor.user)).password ? showPassword(visit) : back(visit),
  )
  submitConfirmed(
    '/password',
    async (visit, { password, new_password: replacement }) => {
      const { user, proof } = visit.visitor
      const outcome = await changePassword(ctx, user, { password, replacement }, originOf(visit))
      if ('refused' in outcome) return showPassword(visit, outcome)
      await startBrowserSession(ctx, protocol, visit.request, visit.reply, outcome.user, proof)
      return back(visit, 'password')
    },
    (visit) => showPassword(visit, expired),
    () => '/password',
  )
  showConfirmed('/delete', async (visit) => ((await allowsDeletion(ctx)) ? showDelete(visit) : back(visit)))
  submitConfirmed(
    '/delete',
    async (visit) => {
      if (!(await allowsDeletion(ctx))) return back(visit)
      const outcome = await deleteOwnAccount(ctx, visit.visitor.user, originOf(visit))
      if ('refused' in outcome) return showDelete(visit, outcome)
      return sendPage(visit, 200, deletedPage(await frameOf(visit)))
    },
    (visit) => showDelete(visit, expired),
    () => '/delete',
  )
  factorRoutes(routes, ctx, protocol)
  providerRoutes(routes, ctx, providers)
}

async function answer(visit: Visit, outcome: OwnChange, done: Done): Promise<FastifyReply> {
  return 'refused' in outcome ? showOverview(visit, outcome) : back(visit, done)
}

async function showOverview(visit: Visit, refusal?: Refusal): Promise<FastifyReply> {
  const { ctx, request, visitor } = visit
  const { done } = arrival.parse(request.query)
  const success = isDone(done) ? ({ kind: 'success', text: words.done[done] } as const) : undefined
  const page = await partsOf(visit, refusal)
  const body = overviewPage({ ...page, notice: page.notice ?? success }, await overviewOf(ctx, visitor), {
    allowsDeletion: await allowsDeletion(ctx),
    offersProviders: (await linkableProviders(ctx)).length > 0,
  })
  return sendRefusal(visit, body, refusal)
}

async function showEmail(visit: Visit, refusal?: Refusal, given?: string): Promise<FastifyReply> {
  return sendRefusal(visit, emailPage({ ...(await partsOf(visit, refusal)), given }), refusal)
}

async function showPassword(visit: Visit, refusal?: Refusal): Promise<FastifyReply> {
  const connection = await findConnection(visit.ctx.store.db, visit.visitor.user.connection)
  const policy = connection?.options ?? {}
  return sendRefusal(visit, passwordPage({ ...(await partsOf(visit, refusal)), policy }), refusal)
}

async function showDelete(visit: Visit, refusal?: Refusal): Promise<FastifyReply> {
  return sendRefusal(visit, deletePage(await partsOf(visit, refusal)), refusal)
}
