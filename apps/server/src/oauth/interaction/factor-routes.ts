/**
 * The second step of a log-in: a security key, a code of an authenticator app, or a recovery code. Like the first step it
 * belongs to the browser that began the request. All of it but the key works without JavaScript.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { requestKey, verifyKey } from '../../factors/key-verification.ts'
import type { StepKind } from '../../factors/usable.ts'
import { verifyCode } from '../../factors/verification.ts'
import { answerField } from '../../pages/key-form.ts'
import type { Problem } from '../../pages/problems.ts'
import { codePage, keyPage } from '../pages/factors.ts'
import { asParams, text } from '../request.ts'
import { finishStepUp, secondProof } from './finish.ts'
import type { Scene } from './interaction.ts'
import type { SecondStep } from './second-step.ts'
import { frameOf, proofOf, recordAndFinish, stepRoutes } from './step-routes.ts'
import { originOf, type StepDeps, sendStep } from './within.ts'

export function factorRoutes(app: FastifyInstance, deps: StepDeps): void {
  const { ctx, protocol } = deps
  const { get, post } = stepRoutes(app, deps)

  get('factor', show)
  post('factor', check, show)

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    step: SecondStep,
    problem?: Problem,
  ): Promise<FastifyReply> {
    const { user, kinds, proof } = step
    const { uid } = scene.interaction
    const base = `/interaction/${uid}`
    const kind = kindOf(request, kinds)
    if (proof || kind === undefined) return reply.redirect(`${base}/enrol`, 303)
    const view = {
      frame: frameOf(scene),
      action: `${base}/factor`,
      email: user.email,
      others: kinds.filter((other) => other !== kind),
      base,
      problem,
    }
    if (kind !== 'key')
      return sendStep(ctx, request, reply, scene, problem, (csrf) => codePage({ ...view, csrf, kind }))
    const asked = await requestKey(ctx, user, uid)
    // The last key was removed since the step was read.
    if (!asked) return reply.redirect(base, 303)
    const render = (csrf: string) => keyPage({ ...view, csrf, request: asked })
    return sendStep(ctx, request, reply, scene, problem, render, { hasKeys: true })
  }

  async function check(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    step: SecondStep,
  ): Promise<FastifyReply> {
    const { user } = step
    const kind = kindOf(request, step.kinds)
    if (step.proof || kind === undefined) return show(request, reply, scene, step)
    const problem = await verify(request, scene, user, kind)
    if (problem) return show(request, reply, scene, step, problem)
    return step.isFresh
      ? recordAndFinish(deps, request, reply, scene, step, proofOf(step, kind))
      : finishStepUp(protocol, request, reply, scene.interaction, secondProof(kind))
  }

  /** @returns the problem, unless the user has passed */
  async function verify(
    request: FastifyRequest,
    scene: Scene,
    user: SecondStep['user'],
    kind: StepKind,
  ): Promise<Problem | undefined> {
    const sent = asParams(request.body)
    const origin = originOf(request, scene)
    if (kind === 'key') {
      const given = { sealed: text(sent, 'challenge'), answer: text(sent, answerField) }
      const outcome = await verifyKey(ctx, user, scene.interaction.uid, given, origin)
      return 'refused' in outcome ? outcome : undefined
    }
    const outcome = await verifyCode(
      ctx,
      user,
      scene.factorPolicy,
      { kind, code: text(sent, 'code') },
      origin,
    )
    if (!('refused' in outcome)) return undefined
    const wrong = kind === 'totp' ? 'wrong_code' : 'wrong_recovery_code'
    return outcome.refused === 'wrong_code' ? { refused: wrong } : outcome
  }
}

/** The form says what it sends, and the address what it asks for; otherwise the first that the user can go on with. */
function kindOf(request: FastifyRequest, kinds: readonly StepKind[]): StepKind | undefined {
  const wanted = text({ ...asParams(request.query), ...asParams(request.body) }, 'kind')
  return kinds.find((kind) => kind === wanted) ?? kinds[0]
}
