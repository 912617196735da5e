import type { FastifyReply, FastifyRequest } from 'fastify'
import type { InteractionResults } from 'oidc-provider'
import type { Context } from '../../context.ts'
import type { User } from '../../users/user.ts'
import { recordLogIn } from '../browser-session.ts'
import type { Protocol } from '../protocol.ts'
import { text } from '../request.ts'
import { replaceSession } from '../session-model.ts'
import type { Interaction } from './interaction.ts'

/** Signs the browser in as this user and goes on with the authorization request. */
export async function finishLogin(
  ctx: Context,
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
  interaction: Interaction,
  user: User,
): Promise<FastifyReply> {
  await recordLogIn(ctx, request, user, text(interaction.params, 'client_id'))
  await leaveOtherSession(protocol, request, reply, interaction, user)
  const { userId: accountId, lastPasswordReset: passwordSetAt } = user
  const login = { accountId, amr: ['pwd'], remember: true, passwordSetAt }
  return finish(protocol, request, reply, { login, select_account: {} })
}

export async function finish(
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
  result: InteractionResults,
): Promise<FastifyReply> {
  const koa = protocol.koaContext(request, reply)
  return reply.redirect(await protocol.provider().interactionResult(koa.req, koa.res, result), 303)
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
  await interaction.save(interaction.exp - Math.floor(Date.now() / 1000))
}
