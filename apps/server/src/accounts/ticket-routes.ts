import { emailVerificationTicket, passwordChangeTicket, ticket } from '@rolecall/contract'
import { requireConnection } from '../connections/connections.ts'
import type { Context } from '../context.ts'
import { invalidBody, noSuchUser } from '../http/api-error.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import { findUser, findUserByEmail } from '../users/store.ts'
import type { User } from '../users/user.ts'
import type { Ticket } from './store.ts'
import { issueTicket } from './tickets.ts'

/** Auth0's: five days. */
const usualLifetimeSeconds = 432_000

/**
 * One-time links to hand to a user by other means than mail. Whoever reads the answer can become that user, so the
 * caller must hold every management scope that the user holds.
 */
export function ticketRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['tickets']

  app.post(
    '/tickets/password-change',
    {
      config: { scope: ['create:user_tickets'] },
      schema: {
        tags,
        summary: 'Make a link for a new password',
        body: passwordChangeTicket,
        response: { 201: ticket },
      },
    },
    async (request, reply) => {
      const { body } = request
      const user = await findRecipient(db, body)
      await requireMayActOn(db, callerOf(request), user.userId)
      const link = await audited(ctx, request, 'Create a password change ticket', async (tx) => {
        const made: Ticket = {
          ...ticketFor(user, body),
          purpose: 'reset_password',
          markEmailVerified: body.mark_email_as_verified ?? false,
        }
        return {
          result: await issueTicket(tx, ctx.config.issuer, made, lifetime(body.ttl_sec)),
          after: { user_id: user.userId },
        }
      })
      return reply.code(201).send({ ticket: link })
    },
  )

  app.post(
    '/tickets/email-verification',
    {
      config: { scope: ['create:user_tickets'] },
      schema: {
        tags,
        summary: 'Make a link that verifies an address',
        body: emailVerificationTicket,
        response: { 201: ticket },
      },
    },
    async (request, reply) => {
      const { body } = request
      const user = await findRecipient(db, body)
      await requireMayActOn(db, callerOf(request), user.userId)
      const link = await audited(ctx, request, 'Create an email verification ticket', async (tx) => {
        const made: Ticket = { ...ticketFor(user, body), purpose: 'verify_email', markEmailVerified: true }
        return {
          result: await issueTicket(tx, ctx.config.issuer, made, lifetime(body.ttl_sec)),
          after: { user_id: user.userId },
        }
      })
      return reply.code(201).send({ ticket: link })
    },
  )
}

interface Recipient {
  user_id?: string | undefined
  email?: string | undefined
  connection_id?: string | undefined
}

/** @throws ApiError 404; 400 unless exactly one way of naming the user is used */
async function findRecipient(db: Db, { user_id, email, connection_id }: Recipient): Promise<User> {
  if ((user_id === undefined) === (email === undefined))
    throw invalidBody("'Give either user_id, or email and connection_id' on property user_id.")
  let user: User | undefined
  if (user_id !== undefined) user = await findUser(db, user_id)
  else {
    if (connection_id === undefined) throw invalidBody("'Missing required property: connection_id'")
    user = await findUserByEmail(db, (await requireConnection(db, connection_id)).name, email ?? '')
  }
  if (!user) throw noSuchUser()
  return user
}

/** 0 means the usual, as Auth0 reads it. */
const lifetime = (seconds: number | undefined) => seconds || usualLifetimeSeconds

interface Wishes {
  result_url?: string | undefined
  client_id?: string | undefined
  includeEmailInRedirect?: boolean | undefined
}

function ticketFor(user: User, { result_url, client_id, includeEmailInRedirect }: Wishes) {
  const resultUrl = result_url === undefined ? undefined : new URL(result_url)
  if (includeEmailInRedirect) resultUrl?.searchParams.set('email', user.email)
  return {
    userId: user.userId,
    email: user.email,
    ...(resultUrl && { resultUrl: resultUrl.href }),
    ...(client_id !== undefined && { clientId: client_id }),
  }
}
