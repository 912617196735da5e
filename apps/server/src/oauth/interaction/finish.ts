import type { FastifyReply, FastifyRequest } from 'fastify'
import type { InteractionResults } from 'oidc-provider'
import { count } from '../../telemetry/operations.ts'
import type { User } from '../../users/user.ts'
import type { Protocol } from '../protocol.ts'
import { replaceSession } from '../session-model.ts'
import type { Interaction } from './interaction.ts'

/** Signs the browser in as this user, whose log-in is recorded, and goes on with the authorization request. */
export async function finishLogin(
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
  interaction: Interaction,
  user: User,
): Promise<FastifyReply> {
  count({ kind: 'log_in', outcome: 'success' })
  await leaveOtherSession(protocol, request, reply, interaction, user)
  const { userId: accountId, lastPasswordReset: passwordSetAt } = user
  const login = { accountId, amr: ['pwd'], remember: true, passwordSetAt }
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
