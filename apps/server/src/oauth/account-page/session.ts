import { randomUUID } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { findSystemApplication } from '../../applications/store.ts'
import { randomSecret, sha256 } from '../../crypto/secrets.ts'
import { multiFactor, needsSecondStep } from '../../factors/policy.ts'
import type { PageRequest } from '../../pages/page-request.ts'
import { accountName } from '../../system-objects.ts'
import { logInSettings } from '../../tenant/settings.ts'
import { findUser } from '../../users/store.ts'
import type { User } from '../../users/user.ts'
import type { Proof } from '../interaction/finish.ts'
import type { Protocol } from '../protocol.ts'

export const accountPath = '/account'

/** Who is logged in with this browser. */
export interface Visitor {
  user: User
  /** The `uid` of the session, which its id may change but not this. */
  sessionUid: string
  /** The hash of the session's id, as lists of sessions have it. */
  sessionHash: string
  /** When the password, or what replaces it, was checked: epoch milliseconds. */
  loggedInAt: number
  proof: Proof
}

export async function visitorOf(
  protocol: Protocol,
  { ctx, request, reply }: PageRequest,
): Promise<Visitor | undefined> {
  const session = await protocol.provider().Session.get(protocol.koaContext(request, reply))
  const user = session.accountId && (await findUser(ctx.store.db, session.accountId))
  if (!user || user.blocked) return undefined
  if (session.acr !== multiFactor) {
    // A session of before its user had to have a second factor: the log-in page asks for the code.
    const { factorPolicy } = await logInSettings(ctx.store.db)
    if (await needsSecondStep(ctx.store.db, factorPolicy, user)) return undefined
  }
  return {
    user,
    sessionUid: session.uid,
    sessionHash: sha256(session.jti),
    loggedInAt: (session.loginTs ?? 0) * 1000,
    proof: { amr: session.amr ?? [], ...(session.acr !== undefined && { acr: session.acr }) },
  }
}

/**
 * Sends the browser to the log-in page. The request is that of any application with PKCE (RFC 7636), but the secret of its
 * code is forgotten: what counts is the session that the browser has afterwards, and no one can redeem the code.
 */
export async function sendToLogIn(
  { ctx, reply }: PageRequest,
  /** `state` is the page to come back to, see `visit.ts`. */
  more: { prompt?: string; login_hint?: string; state?: string } = {},
): Promise<FastifyReply> {
  const application = await findSystemApplication(ctx.store.db, accountName)
  if (!application) throw new Error(`The application ${accountName} is missing`)
  const query = new URLSearchParams({
    client_id: application.clientId,
    redirect_uri: new URL(accountPath, ctx.config.issuer).href,
    response_type: 'code',
    scope: 'openid',
    state: randomUUID(),
    code_challenge: randomSecret(),
    code_challenge_method: 'S256',
    ...more,
  })
  return reply.redirect(`/authorize?${query.toString()}`, 303)
}
