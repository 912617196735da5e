/**
 * The second step of a log-in: a code of an authenticator app, or a recovery code, or setting a factor up. Like the first
 * step it belongs to the browser that began the request, and works without JavaScript.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { enrolTotp, offerTotp } from '../../factors/enrolment.ts'
import { multiFactor } from '../../factors/policy.ts'
import { verifyCode } from '../../factors/verification.ts'
import type { Problem } from '../../pages/problems.ts'
import type { Cache } from '../../store/cache.ts'
import { transaction } from '../../store/transaction.ts'
import { codePage, recoveryCodesPage, setUpTotpPage } from '../pages/factors.ts'
import type { Protocol } from '../protocol.ts'
import { asParams, text } from '../request.ts'
import { finishLogin, finishStepUp, type Proof } from './finish.ts'
import { completeLogIn } from './first-step.ts'
import type { Scene } from './interaction.ts'
import { beginSecondStep, type SecondStep, secondStepOf } from './second-step.ts'
import { type Handler, isOwnForm, originOf, sendStep, within } from './within.ts'

type StepHandler = (
  request: FastifyRequest,
  reply: FastifyReply,
  scene: Scene,
  step: SecondStep,
) => Promise<FastifyReply>

/** The first step, usually a password, and a code. */
const proofOf = ({ first }: SecondStep): Proof => ({
  amr: [...(first?.amr ?? ['pwd']), 'otp', 'mfa'],
  acr: multiFactor,
})

export function factorRoutes(app: FastifyInstance, ctx: Context, protocol: Protocol, cache: Cache): void {
  const deps = { ctx, protocol, cache }
  const atStep = (handler: StepHandler): Handler => {
    return async (request, reply, scene) => {
      const step = await secondStepOf(ctx, scene)
      return step
        ? handler(request, reply, scene, step)
        : reply.redirect(`/interaction/${scene.interaction.uid}`, 303)
    }
  }
  const get = (path: string, handler: StepHandler) =>
    app.get(`/interaction/:uid/${path}`, within(deps, atStep(handler)))
  const post = (path: string, handler: StepHandler, otherwise: StepHandler) =>
    app.post(
      `/interaction/:uid/${path}`,
      within(
        deps,
        atStep((request, reply, scene, step) =>
          (isOwnForm(ctx, request, scene) ? handler : otherwise)(request, reply, scene, step),
        ),
      ),
    )
  const expired = { refused: 'expired' } as const

  get('factor', (request, reply, scene, step) => showCode(request, reply, scene, step))
  post('factor', checkCode, (request, reply, scene, step) => showCode(request, reply, scene, step, expired))
  get('enrol', (request, reply, scene, step) => showSetUp(request, reply, scene, step))
  post('enrol', setUp, (request, reply, scene, step) => showSetUp(request, reply, scene, step, expired))
  post('continue', goOn, (request, reply, scene, step) => showSetUp(request, reply, scene, step, expired))

  async function showCode(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    { user, proof: passed }: SecondStep,
    problem?: Problem,
  ): Promise<FastifyReply> {
    const base = `/interaction/${scene.interaction.uid}`
    if (passed || !user.secondFactor) return reply.redirect(`${base}/enrol`, 303)
    return sendStep(ctx, request, reply, scene, problem, (csrf) =>
      codePage({
        frame: frameOf(scene),
        action: `${base}/factor`,
        csrf,
        email: user.email,
        kind: kindOf(request),
        hasRecovery: scene.factorPolicy.factors['recovery-code'],
        base,
        problem,
      }),
    )
  }

  async function checkCode(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    step: SecondStep,
  ): Promise<FastifyReply> {
    const { user } = step
    if (!user.secondFactor || step.proof) return showCode(request, reply, scene, step)
    const typed = { kind: kindOf(request), code: text(asParams(request.body), 'code') }
    const outcome = await verifyCode(ctx, user, scene.factorPolicy, typed, originOf(request, scene))
    if ('refused' in outcome) {
      const wrong = typed.kind === 'totp' ? 'wrong_code' : 'wrong_recovery_code'
      const problem: Problem = outcome.refused === 'wrong_code' ? { refused: wrong } : outcome
      return showCode(request, reply, scene, step, problem)
    }
    return step.isFresh
      ? finishRecorded(request, reply, scene, step, proofOf(step))
      : finishStepUp(protocol, request, reply, scene.interaction, {
          amr: ['otp', 'mfa'],
          acr: multiFactor,
        })
  }

  async function finishRecorded(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    { user, first }: SecondStep,
    shown: Proof,
  ): Promise<FastifyReply> {
    await transaction(ctx, (tx) => completeLogIn(ctx, tx, request, scene, user, first))
    return finishLogin(protocol, request, reply, scene.interaction, user, shown, first?.authTime)
  }

  async function showSetUp(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    { user, isFresh, proof: passed }: SecondStep,
    problem?: Problem,
  ): Promise<FastifyReply> {
    const { uid } = scene.interaction
    const base = `/interaction/${uid}`
    if (passed) return showCodes(request, reply, scene, [])
    if (user.secondFactor) return reply.redirect(`${base}/factor`, 303)
    // A person who finds a browser that is logged in must not be able to set up a factor for themselves.
    if (!isFresh) return reply.redirect(base, 303)
    const offer = await offerTotp(ctx, user, uid, text(asParams(request.body), 'offer'))
    return sendStep(ctx, request, reply, scene, problem, (csrf) =>
      setUpTotpPage({
        frame: frameOf(scene),
        action: `${base}/enrol`,
        csrf,
        email: user.email,
        offer,
        problem,
      }),
    )
  }

  async function setUp(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    step: SecondStep,
  ): Promise<FastifyReply> {
    const { user, isFresh, proof: passed } = step
    if (passed || user.secondFactor || !isFresh) return showSetUp(request, reply, scene, step)
    const { uid, session } = scene.interaction
    const outcome = await enrolTotp(ctx, user, {
      binding: uid,
      sealed: text(asParams(request.body), 'offer'),
      code: text(asParams(request.body), 'code'),
      origin: originOf(request, scene),
      keepSession: session?.accountId === user.userId ? session.uid : undefined,
    })
    if ('refused' in outcome) return showSetUp(request, reply, scene, step, outcome)
    await beginSecondStep(ctx, scene, outcome.user, { proof: proofOf(step), first: step.first })
    return showCodes(request, reply, scene, outcome.recoveryCodes ?? [])
  }

  function showCodes(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    codes: readonly string[],
  ): FastifyReply {
    const action = `/interaction/${scene.interaction.uid}/continue`
    return sendStep(ctx, request, reply, scene, undefined, (csrf) =>
      recoveryCodesPage({ frame: frameOf(scene), action, csrf, codes }),
    )
  }

  async function goOn(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    step: SecondStep,
  ): Promise<FastifyReply> {
    if (!step.proof) return showSetUp(request, reply, scene, step)
    return finishRecorded(request, reply, scene, step, step.proof)
  }
}

const frameOf = ({ tenantName: tenant, application }: Scene) => ({ tenant, application: application.name })

/** The form says which kind of code it sends, and the address which one it asks for. */
function kindOf(request: FastifyRequest): 'totp' | 'recovery' {
  const sent = { ...asParams(request.query), ...asParams(request.body) }
  return text(sent, 'kind') === 'recovery' ? 'recovery' : 'totp'
}
