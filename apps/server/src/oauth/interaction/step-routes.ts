import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { StepKind } from '../../factors/usable.ts'
import type { Problem } from '../../pages/problems.ts'
import { transaction } from '../../store/transaction.ts'
import { finishLogin, type Proof, secondProof } from './finish.ts'
import { completeLogIn } from './first-step.ts'
import type { Scene } from './interaction.ts'
import { type SecondStep, secondStepOf } from './second-step.ts'
import { type Handler, isOwnForm, type StepDeps, within } from './within.ts'

export type StepHandler = (
  request: FastifyRequest,
  reply: FastifyReply,
  scene: Scene,
  step: SecondStep,
  problem?: Problem,
) => Promise<FastifyReply>

/** Routes for a person who is at the second step. Anybody else is sent to the first. */
export function stepRoutes(app: FastifyInstance, deps: StepDeps) {
  const { ctx } = deps
  const atStep = (handler: StepHandler): Handler => {
    return async (request, reply, scene) => {
      const step = await secondStepOf(ctx, scene)
      return step
        ? handler(request, reply, scene, step)
        : reply.redirect(`/interaction/${scene.interaction.uid}`, 303)
    }
  }
  return {
    get: (path: string, handler: StepHandler) =>
      app.get(`/interaction/:uid/${path}`, within(deps, atStep(handler))),
    /** @param otherwise shows the page again where the form is not of a page of ours */
    post: (path: string, handler: StepHandler, otherwise: StepHandler) =>
      app.post(
        `/interaction/:uid/${path}`,
        within(
          deps,
          atStep((request, reply, scene, step) =>
            isOwnForm(ctx, request, scene)
              ? handler(request, reply, scene, step)
              : otherwise(request, reply, scene, step, { refused: 'expired' }),
          ),
        ),
      ),
  }
}

export const frameOf = ({ tenantName: tenant, application }: Scene) => ({
  tenant,
  application: application.name,
})

/** The first step, usually a password, and a second factor. */
export function proofOf({ first }: SecondStep, kind: StepKind): Proof {
  const { amr, ...others } = secondProof(kind)
  return { ...others, amr: [...(first?.amr ?? ['pwd']), ...amr] }
}

/** Writes what the log-in means, and signs the browser in. */
export async function recordAndFinish(
  { ctx, protocol }: Pick<StepDeps, 'ctx' | 'protocol'>,
  request: FastifyRequest,
  reply: FastifyReply,
  scene: Scene,
  { user, first }: SecondStep,
  proof: Proof,
): Promise<FastifyReply> {
  await transaction(ctx, (tx) => completeLogIn(ctx, tx, request, scene, user, first))
  return finishLogin(protocol, request, reply, scene.interaction, user, proof, first?.authTime)
}
