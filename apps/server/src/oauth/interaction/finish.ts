import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors, type InteractionResults } from 'oidc-provider'
import { multiFactor } from '../../factors/policy.ts'
import type { StepKind } from '../../factors/usable.ts'
import { count } from '../../telemetry/operations.ts'
import { signInOf } from '../../users/store.ts'
import type { User } from '../../users/user.ts'
import type { Protocol } from '../protocol.ts'
import { replaceSession } from '../session-model.ts'
import type { Interaction } from './interaction.ts'

/** How a person has logged in. */
export interface Proof {
  /** RFC 8176. Empty for a log-in at another provider: this server has not seen how. */
  amr: readonly string[]
  acr?: string
}

/**
 * The key does not say whether it is hardware (`hwk`) or software (`swk`), because it is not asked for an attestation. So it
 * is `pop`, with the presence of a person (`user`); see https://www.iana.org/assignments/authentication-method-reference-values.
 */
const keyMethods = ['pop', 'user', 'mfa'] as const

/** What a second factor proves. */
export function secondProof(kind: StepKind): Proof {
  return { amr: kind === 'key' ? keyMethods : ['otp', 'mfa'], acr: multiFactor }
}

/** A passkey is something one has, and it has checked a PIN or a fingerprint: two factors. */
export const passkeyProof: Proof = { amr: keyMethods, acr: multiFactor }

/**
 * Signs the browser in as this user, whose log-in is recorded, and goes on with the authorization request.
 * @param authTime when another provider checked the person, in seconds since the epoch; absent: now
 */
export async function finishLogin(
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
  interaction: Interaction,
  user: User,
  proof: Proof,
  authTime?: number,
): Promise<FastifyReply> {
  count({ kind: 'log_in', outcome: 'success' })
  await leaveOtherSession(protocol, request, reply, interaction, user)
  const { userId: accountId, ...validity } = signInOf(user)
  const { amr, ...others } = proof
  const login = {
    accountId,
    ...others,
    ...(amr.length > 0 && { amr: [...amr] }),
    ...(authTime !== undefined && { ts: authTime }),
    remember: true,
    ...validity,
  }
  return finish(reply, interaction, { login, select_account: {} })
}

/**
 * Adds a second factor to the session that the browser has. The time of the log-in stays that of its password.
 * @throws {errors.SessionNotFound} when the session has ended, or is not the one that the request was begun with
 */
export async function finishStepUp(
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
  interaction: Interaction,
  { amr, acr }: Proof,
): Promise<FastifyReply> {
  const session = await protocol.provider().Session.get(protocol.koaContext(request, reply))
  const { accountId } = session
  if (!accountId || session.uid !== interaction.session?.uid)
    throw new errors.SessionNotFound('the session has ended')
  const login = {
    accountId,
    amr: [...new Set([...(session.amr ?? []), ...amr])],
    remember: true,
    stepUp: true,
    ...(acr !== undefined && { acr }),
    ...(session.loginTs !== undefined && { ts: session.loginTs }),
  }
  return finish(reply, interaction, { login, select_account: {} })
}

/**
 * As oidc-provider's `interactionResult`, which reads the interaction again.
 * @throws {errors.SessionNotFound} where the interaction has ended
 */
export async function finish(
  reply: FastifyReply,
  interaction: Interaction,
  result: InteractionResults,
): Promise<FastifyReply> {
  interaction.result = 'error' in result ? result : { ...interaction.lastSubmission, ...result }
  await interaction.persist()
  return reply.redirect(interaction.returnTo, 303)
}

/**
 * When another user was signed in with this browser, that session ends first. oidc-provider would show a page
 * for that.
 */
async function leaveOtherSession(
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
  interaction: Interaction,
  user: User,
): Promise<void> {
  if (!interaction.session?.accountId || interaction.session.accountId === user.userId) return
  const session = await protocol.provider().Session.get(protocol.koaContext(request, reply))
  await replaceSession(session)
  delete interaction.session
}
