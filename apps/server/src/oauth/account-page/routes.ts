/**
 * The account page, where users see and change their own account:
 *
 *   /account              everything at once; without a session, the log-in page first
 *   /account/email        and /password, /delete: forms that ask for the password again
 *   /account/data         what the server has stored about the user
 *
 * It is rendered by the server and needs no script. A GET changes nothing; each form has a token of this browser's session.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  allowsDeletion,
  changeEmail,
  changePassword,
  deleteOwnAccount,
  type OwnChange,
  rename,
  sendVerification,
} from '../../accounts/own-account.ts'
import { findConnection } from '../../connections/store.ts'
import type { Context } from '../../context.ts'
import { isOff, multiFactor } from '../../factors/policy.ts'
import {
  frameOf,
  isOwnForm,
  issueToken,
  originOf,
  type PageRequest,
  readFields,
  sendPage,
} from '../../pages/page-request.ts'
import { logInSettings } from '../../tenant/settings.ts'
import { startBrowserSession } from '../browser-session.ts'
import type { Protocol } from '../protocol.ts'
import { copyOf, endOtherSessions, endOwnSession, overviewOf, removeApplication } from './overview.ts'
import { deletedPage, deletePage, emailPage, notLoggedInPage, overviewPage, passwordPage } from './pages.ts'
import { noticeOf, type Refusal, sendRefusal } from './refusals.ts'
import { accountPath, sendToLogIn, type Visitor, visitorOf } from './session.ts'
import { accountTexts as words } from './texts.ts'

/** A request of somebody who is logged in. */
interface Visit extends PageRequest {
  visitor: Visitor
}

const short = z.string().max(512).catch('')
const fieldsOf = z.object({
  email: short,
  password: z.string().catch(''),
  name: short,
  new_password: z.string().catch(''),
  session: short,
  client_id: short,
})
type Fields = z.infer<typeof fieldsOf>

const arrival = z.object({ done: short, code: short, error: short })
type Done = keyof typeof words.done
const isDone = (name: string): name is Done => Object.hasOwn(words.done, name)

export function accountPageRoutes(app: FastifyInstance, ctx: Context, protocol: Protocol): void {
  const show = (path: string, handle: (visit: Visit) => Promise<FastifyReply>) =>
    app.get(accountPath + path, async (request, reply) => {
      const visitor = await visitorOf(protocol, { ctx, request, reply })
      return visitor ? handle({ ctx, request, reply, visitor }) : arrive({ ctx, request, reply })
    })
  const submit = (path: string, handle: (visit: Visit, fields: Fields) => Promise<FastifyReply>) =>
    app.post(accountPath + path, async (request, reply) => {
      const visitor = await visitorOf(protocol, { ctx, request, reply })
      if (!visitor) return sendToLogIn({ ctx, request, reply })
      const visit = { ctx, request, reply, visitor }
      const isOwn = isOwnForm(visit, purposeOf(visitor), readFields(request.body))
      return isOwn ? handle(visit, fieldsIn(request)) : showOverview(visit, { refused: 'expired' })
    })

  show('', (visit) => {
    const { code, error } = arrival.parse(visit.request.query)
    // The address of the log-in's answer is not kept in the browser's history.
    return code || error ? back(visit) : showOverview(visit)
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

  show('/email', (visit) => showEmail(visit))
  submit('/email', async (visit, { email, password }) => {
    const outcome = await changeEmail(ctx, visit.visitor.user, { email, password }, originOf(visit))
    return 'refused' in outcome ? showEmail(visit, outcome, email) : back(visit, 'email')
  })
  // The log-in sets it up, after it has asked for the password.
  show('/second-factor', (visit) => sendToLogIn(visit, { acr_values: multiFactor }))
  show('/password', (visit) => showPassword(visit))
  submit('/password', async (visit, { password, new_password: replacement }) => {
    const { user } = visit.visitor
    const outcome = await changePassword(ctx, user, { password, replacement }, originOf(visit))
    if ('refused' in outcome) return showPassword(visit, outcome)
    await startBrowserSession(ctx, protocol, visit.request, visit.reply, outcome.user)
    return back(visit, 'password')
  })
  show('/delete', async (visit) => ((await allowsDeletion(ctx)) ? showDelete(visit) : back(visit)))
  submit('/delete', async (visit, { password }) => {
    if (!(await allowsDeletion(ctx))) return back(visit)
    const outcome = await deleteOwnAccount(ctx, visit.visitor.user, password, originOf(visit))
    if ('refused' in outcome) return showDelete(visit, outcome)
    return sendPage(visit, 200, deletedPage(await frameOf(visit)))
  })
}

/** A form is valid in the session for which it was made. */
const purposeOf = ({ sessionUid }: Visitor) => `account:${sessionUid}`

function fieldsIn({ body }: FastifyRequest): Fields {
  return fieldsOf.parse(typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {})
}

/** No user is logged in. After a log-in that left no session, another one would not either. */
async function arrive(page: PageRequest): Promise<FastifyReply> {
  const { code, error } = arrival.parse(page.request.query)
  if (!code && !error) return sendToLogIn(page)
  const { lead, noCookies } = words.cancelled
  return sendPage(page, 400, notLoggedInPage(await frameOf(page), code ? noCookies : lead))
}

/** To the overview, which says what was done. Loading it again repeats nothing. */
async function back({ reply }: Visit, done?: Done): Promise<FastifyReply> {
  return reply.redirect(done ? `${accountPath}?done=${done}` : accountPath, 303)
}

async function answer(visit: Visit, outcome: OwnChange, done: Done): Promise<FastifyReply> {
  return 'refused' in outcome ? showOverview(visit, outcome) : back(visit, done)
}

async function parts(visit: Visit, refusal?: Refusal) {
  return {
    frame: await frameOf(visit),
    csrf: issueToken(visit, purposeOf(visit.visitor)),
    email: visit.visitor.user.email,
    notice: refusal && noticeOf(refusal),
  }
}

async function showOverview(visit: Visit, refusal?: Refusal): Promise<FastifyReply> {
  const { ctx, request, visitor } = visit
  const { done } = arrival.parse(request.query)
  const success = isDone(done) ? ({ kind: 'success', text: words.done[done] } as const) : undefined
  const page = await parts(visit, refusal)
  const body = overviewPage({ ...page, notice: page.notice ?? success }, await overviewOf(ctx, visitor), {
    allowsDeletion: await allowsDeletion(ctx),
    offersFactor: !isOff((await logInSettings(ctx.store.db)).factorPolicy),
  })
  return sendRefusal(visit, body, refusal)
}

async function showEmail(visit: Visit, refusal?: Refusal, given?: string): Promise<FastifyReply> {
  return sendRefusal(visit, emailPage({ ...(await parts(visit, refusal)), given }), refusal)
}

async function showPassword(visit: Visit, refusal?: Refusal): Promise<FastifyReply> {
  const connection = await findConnection(visit.ctx.store.db, visit.visitor.user.connection)
  const policy = connection?.options ?? {}
  return sendRefusal(visit, passwordPage({ ...(await parts(visit, refusal)), policy }), refusal)
}

async function showDelete(visit: Visit, refusal?: Refusal): Promise<FastifyReply> {
  return sendRefusal(visit, deletePage(await parts(visit, refusal)), refusal)
}
