import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import {
  frameOf,
  isOwnForm,
  issueToken,
  type PageRequest,
  readFields,
  sendPage,
} from '../../pages/page-request.ts'
import type { Protocol } from '../protocol.ts'
import { notLoggedInPage } from './pages.ts'
import type { VisitParts } from './parts.ts'
import { noticeOf, type Refusal } from './refusals.ts'
import { accountPath, confirmation, sendToLogIn, type Visitor, visitorOf } from './session.ts'
import { accountTexts as words } from './texts.ts'

/** A request of somebody who is logged in. */
export interface Visit extends PageRequest {
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
  /** The id of an authentication method. */
  id: short,
  code: short,
  /** The id of a connection, and the subject of an identity of it. */
  connection: short,
  subject: short,
  /** The sealed key of an authenticator app. */
  offer: z.string().max(4_096).catch(''),
  /** Of a security key or passkey, as JSON. */
  answer: z.string().max(16_384).catch(''),
})
export type Fields = z.infer<typeof fieldsOf>

/** The fields of a query or a form. Those of another type, repeated or too long, are empty. */
export function fieldsIn(given: unknown): Fields {
  return fieldsOf.parse(typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {})
}

export const arrival = z.object({ done: short, code: short, error: short, state: short })
export type Done = keyof typeof words.done
export const isDone = (name: string): name is Done => Object.hasOwn(words.done, name)

type Handler = (visit: Visit, fields: Fields) => Promise<FastifyReply>

/**
 * Changes of what a person logs in with, and of where mail goes, need a log-in of this age at most, with a second factor
 * where the user has one (ASVS 7.5.1). A form is shown only while ten minutes are left to send it.
 */
const confirmedForMs = 15 * 60_000
const timeForFormMs = 10 * 60_000

export interface AccountRoutes {
  /** A page for people who are logged in. */
  show: (path: string, handler: Handler) => void
  /** A form of such a page. @param otherwise shows the form again when another browser or session sent it */
  submit: (path: string, handler: Handler, otherwise: Handler) => void
  /** As the two above, for people who have logged in a moment ago. Others are sent to log in, and come back. */
  showConfirmed: (path: string, handler: Handler) => void
  /** @param page the path of the page to come back to */
  submitConfirmed: (
    path: string,
    handler: Handler,
    otherwise: Handler,
    page: (fields: Fields) => string,
  ) => void
}

export function accountRoutes(app: FastifyInstance, ctx: Context, protocol: Protocol): AccountRoutes {
  const confirmed =
    (ms: number, handler: Handler, page: (fields: Fields) => string): Handler =>
    async (visit, fields) => {
      const { user, loggedInAt } = visit.visitor
      if (ctx.clock() - loggedInAt <= ms) return handler(visit, fields)
      return sendToLogIn(visit, { ...(await confirmation(ctx, user)), state: page(fields) })
    }
  const show = (path: string, handler: Handler) => {
    app.get(accountPath + path, async (request, reply) => {
      const visitor = await visitorOf(protocol, { ctx, request, reply })
      if (!visitor) return arrive({ ctx, request, reply })
      return handler({ ctx, request, reply, visitor }, fieldsIn(request.query))
    })
  }
  const submit = (path: string, handler: Handler, otherwise: Handler) => {
    app.post(accountPath + path, async (request, reply) => {
      const visitor = await visitorOf(protocol, { ctx, request, reply })
      if (!visitor) return sendToLogIn({ ctx, request, reply })
      const visit = { ctx, request, reply, visitor }
      const isOwn = isOwnForm(visit, purposeOf(visitor), readFields(request.body))
      return (isOwn ? handler : otherwise)(visit, fieldsIn(request.body))
    })
  }
  return {
    show,
    submit,
    showConfirmed: (path, handler) =>
      show(
        path,
        confirmed(confirmedForMs - timeForFormMs, handler, ({ id }) => pageOf(path, id)),
      ),
    submitConfirmed: (path, handler, otherwise, page) =>
      submit(path, confirmed(confirmedForMs, handler, page), otherwise),
  }
}

/** The part of the address of a page that a log-in comes back to. @param id of the method that the page is about */
export function pageOf(path: string, id = ''): string {
  return path + (id && `?id=${encodeURIComponent(id)}`)
}

/** The page that a log-in was begun for. The value comes back in the address, so that anyone may have written it. */
export function requestedPage(state: string): string {
  return /^\/(email|password|delete|second-factor|security-key|passkey|recovery-codes|providers|method\?id=[\w%]{1,120})$/.test(
    state,
  )
    ? state
    : ''
}

/** No user is logged in. After a log-in that left no session, another one would not either. */
async function arrive(page: PageRequest): Promise<FastifyReply> {
  const { code, error } = arrival.parse(page.request.query)
  if (!code && !error) return sendToLogIn(page)
  const { lead, noCookies } = words.cancelled
  return sendPage(page, 400, notLoggedInPage(await frameOf(page), code ? noCookies : lead))
}

/** A form is valid in the session for which it was made. */
const purposeOf = ({ sessionUid }: Visitor) => `account:${sessionUid}`

/** To the overview, which says what was done. Loading it again repeats nothing. */
export async function back({ reply }: Visit, done?: Done): Promise<FastifyReply> {
  return reply.redirect(done ? `${accountPath}?done=${done}` : accountPath, 303)
}

export async function partsOf(visit: Visit, refusal?: Refusal): Promise<VisitParts> {
  return {
    frame: await frameOf(visit),
    csrf: issueToken(visit, purposeOf(visit.visitor)),
    email: visit.visitor.user.email,
    notice: refusal && noticeOf(refusal),
  }
}
