import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { linkIdentity } from '../../identities/identities.ts'
import { providerConnectedMessage } from '../../mail/templates.ts'
import { mapConstraintError } from '../../store/constraints.ts'
import { type Tx, transaction } from '../../store/transaction.ts'
import type { User } from '../../users/user.ts'
import { recordLogIn } from '../browser-session.ts'
import { finishLogin } from './finish.ts'
import { enabledProvider, type Scene } from './interaction.ts'
import { beginSecondStep, type FirstStep, hasSecondStep } from './second-step.ts'
import { originOf, type StepDeps, StepExpiredError } from './within.ts'

/**
 * Writes what a complete log-in means, in one transaction: the identity that is connected, and the entry in the log.
 * @throws {StepExpiredError} when the provider is not enabled any more, or the identity has become another user's
 */
export async function completeLogIn(
  ctx: Pick<Context, 'sealer' | 'mailer'>,
  tx: Tx,
  request: FastifyRequest,
  scene: Scene,
  user: User,
  first?: FirstStep,
): Promise<void> {
  if (first?.linked) {
    const provider = await enabledProvider(ctx, tx.db, scene, first.connectionId)
    if (!provider) throw new StepExpiredError()
    const link = linkIdentity(tx, provider, first.linked, user, originOf(request, scene))
    await mapConstraintError(link, { unique: () => new StepExpiredError() })
    const { displayName } = provider
    const message = providerConnectedMessage({
      tenant: scene.tenantName,
      to: user.email,
      provider: displayName,
    })
    await ctx.mailer.send(message, tx.db)
  }
  await recordLogIn(tx, request, user, scene.application, first)
}

/** Goes on after the first step: with the second one, or back to the application. */
export async function passFirstStep(
  { ctx, protocol }: Pick<StepDeps, 'ctx' | 'protocol'>,
  request: FastifyRequest,
  reply: FastifyReply,
  scene: Scene,
  user: User,
  first: FirstStep,
): Promise<FastifyReply> {
  const waits = await transaction(ctx, async (tx) => {
    const hasMore = await hasSecondStep(tx.db, scene, user)
    if (!hasMore) await completeLogIn(ctx, tx, request, scene, user, first)
    return hasMore
  })
  const { interaction } = scene
  if (!waits)
    return finishLogin(protocol, request, reply, interaction, user, { amr: first.amr }, first.authTime)
  await beginSecondStep(ctx, scene, user, { first })
  return reply.redirect(`/interaction/${interaction.uid}/${user.secondFactor ? 'factor' : 'enrol'}`, 303)
}
