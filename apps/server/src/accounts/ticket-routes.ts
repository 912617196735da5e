import {
  type ChangeDescription,
  emailVerificationTicket,
  passwordChangeTicket,
  ticket,
} from '@rolecall/contract'
import type { FastifyRequest } from 'fastify'
import { requireConnection } from '../connections/connections.ts'
import type { Context } from '../context.ts'
import { invalidBody, noSuchUser } from '../http/api-error.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import { findUser, findUserByEmail } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { requireDatabaseUser } from './provider-users.ts'
import type { Ticket } from './store.ts'
import { issueTicket } from './tickets.ts'

/** Five days, as at Auth0. */
const defaultLifetimeSeconds = 432_000

/**
 * One-time links that an administrator gives to a user. A link gives access to the account, so the caller must hold
 * every management scope that the user holds.
 */
export function ticketRoutes(app: ManagementApp, ctx: Context): void {
  const tags = ['tickets']

  const issue = async (
    request: FastifyRequest,
    description: ChangeDescription,
    options: TicketOptions,
    kind: Pick<Ticket, 'purpose' | 'markEmailVerified'>,
  ) => {
    const user = await findRecipient(ctx.store.db, options)
    await requireMayActOn(ctx.store.db, callerOf(request), user.userId)
    await requireDatabaseUser(ctx.store.db, user, 'A ticket')
    const made: Ticket = { ...ticketFor(user, options), ...kind }
    // 0 is the default lifetime, as at Auth0.
    const lifetimeSeconds = options.ttl_sec || defaultLifetimeSeconds
    return audited(ctx, request, description, async (tx) => ({
      result: { ticket: await issueTicket(tx, ctx.config.issuer, made, lifetimeSeconds) },
      on: { user: user.userId },
    }))
  }

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
      const link = await issue(request, 'Create a password change ticket', body, {
        purpose: 'reset_password',
        markEmailVerified: body.mark_email_as_verified ?? false,
      })
      return reply.code(201).send(link)
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
      const link = await issue(request, 'Create an email verification ticket', request.body, {
        purpose: 'verify_email',
        markEmailVerified: true,
      })
      return reply.code(201).send(link)
    },
  )
}

/** What the two bodies have in common. */
interface TicketOptions {
  user_id?: string | undefined
  email?: string | undefined
  connection_id?: string | undefined
  result_url?: string | undefined
  client_id?: string | undefined
  includeEmailInRedirect?: boolean | undefined
  ttl_sec?: number | undefined
}

/** @throws ApiError 404; 400 unless the user is named in exactly one way */
async function findRecipient(db: Db, { user_id, email, connection_id }: TicketOptions): Promise<User> {
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

function ticketFor(user: User, { result_url, client_id, includeEmailInRedirect }: TicketOptions) {
  const resultUrl = result_url === undefined ? undefined : new URL(result_url)
  if (includeEmailInRedirect) resultUrl?.searchParams.set('email', user.email)
  return {
    userId: user.userId,
    email: user.email,
    ...(resultUrl && { resultUrl: resultUrl.href }),
    ...(client_id !== undefined && { clientId: client_id }),
  }
}
