import { randomUUID } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import type { Provider as OidcProvider } from 'oidc-provider'
import { findSystemApplication } from '../../applications/store.ts'
import { isProvider } from '../../connections/provider.ts'
import { findConnection } from '../../connections/store.ts'
import { randomSecret, sha256 } from '../../crypto/secrets.ts'
import { isOff, multiFactor, needsSecondStep } from '../../factors/policy.ts'
import type { PageRequest } from '../../pages/page-request.ts'
import { accountName } from '../../system-objects.ts'
import { logInSettings } from '../../tenant/settings.ts'
import { findUser } from '../../users/store.ts'
import type { User } from '../../users/user.ts'
import type { Proof } from '../interaction/finish.ts'
import type { Protocol } from '../protocol.ts'
import { hasTimeOfProvider, isTooOld, loggedInAt } from '../session-model.ts'

export const accountPath = '/account'

/** Who is logged in with this browser. */
export interface Visitor {
  user: User
  /** The `uid` of the session, which its id may change but not this. */
  sessionUid: string
  /** The hash of the session's id, as lists of sessions have it. */
  sessionHash: string
  /** When the password, or what replaces it, was checked: epoch milliseconds. 0 without proof. */
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
  const { settings, factorPolicy } = await logInSettings(ctx.store.db)
  // The two are checked for an authorization request in `interaction-policy.ts`. The log-in page asks for what is missing.
  if (isTooOld(session, ctx.clock(), settings.session_lifetime * 3_600)) return undefined
  if (session.acr !== multiFactor && (await needsSecondStep(ctx.store.db, factorPolicy, user)))
    return undefined
  return {
    user,
    sessionUid: session.uid,
    sessionHash: sha256(session.jti),
    loggedInAt: await provenAt(ctx, session, user),
    proof: { amr: session.amr ?? [], ...(session.acr !== undefined && { acr: session.acr }) },
  }
}

/**
 * When the user was last checked: by a password or a factor here, or by another provider that says when. Without its time a
 * provider may have answered from a session that is a week old. GitHub never sends one, and its users have no other proof.
 * @returns epoch milliseconds; 0 without proof
 */
async function provenAt(
  { store }: PageRequest['ctx'],
  session: InstanceType<OidcProvider['Session']>,
  user: User,
): Promise<number> {
  if ((session.amr?.length ?? 0) > 0) return (loggedInAt(session) ?? 0) * 1000
  const isTimed =
    hasTimeOfProvider(session) || (await findConnection(store.db, user.connection))?.strategy === 'github'
  return isTimed ? (session.loginTs ?? 0) * 1000 : 0
}

/** The parameters of a log-in that confirms a change: by a password or a factor, or by a provider that has just checked the person. */
export async function confirmation(
  { store }: Pick<PageRequest['ctx'], 'store'>,
  { email, connection: name, secondFactor }: User,
): Promise<Record<string, string>> {
  const connection = await findConnection(store.db, name)
  const { factorPolicy } = await logInSettings(store.db)
  const hasFactor = secondFactor && !isOff(factorPolicy)
  return {
    prompt: 'login',
    login_hint: email,
    // A second factor here is proof enough, also with a provider that does not know `max_age`.
    ...(!hasFactor && { max_age: '300' }),
    ...(connection && isProvider(connection) && { connection: name }),
  }
}

/**
 * Sends the browser to the log-in page. The request is that of any application with PKCE (RFC 7636), but the secret of its
 * code is forgotten: what counts is the session that the browser has afterwards, and no one can redeem the code.
 */
export async function sendToLogIn(
  { ctx, reply }: PageRequest,
  /** `state` is the page to come back to, see `visit.ts`. */
  more: Record<string, string> = {},
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
