/** Setting a second factor up in a log-in that needs one, by a user who has none. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type EnrolOutcome, enrolTotp, offerTotp } from '../../factors/enrolment.ts'
import { enrolKey, offerKey } from '../../factors/keys.ts'
import { relyingPartyOf } from '../../factors/webauthn.ts'
import { answerField } from '../../pages/key-form.ts'
import type { Problem } from '../../pages/problems.ts'
import { recoveryCodesPage, setUpKeyPage, setUpTotpPage } from '../pages/factors.ts'
import { asParams, text } from '../request.ts'
import type { Scene } from './interaction.ts'
import { showLogIn } from './log-in-page.ts'
import { beginSecondStep, maySetUp, type SecondStep } from './second-step.ts'
import { frameOf, proofOf, recordAndFinish, stepRoutes } from './step-routes.ts'
import { originOf, type StepDeps, sendStep } from './within.ts'

type Kind = 'totp' | 'key'

export function enrolRoutes(app: FastifyInstance, deps: StepDeps): void {
  const { ctx } = deps
  const { get, post } = stepRoutes(app, deps)

  get('enrol', show)
  post('enrol', setUp, show)
  post('continue', goOn, show)

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    step: SecondStep,
    problem?: Problem,
  ): Promise<FastifyReply> {
    const { user, isFresh, proof, kinds, first } = step
    const { uid } = scene.interaction
    const base = `/interaction/${uid}`
    if (proof) return showCodes(request, reply, scene, [])
    if (kinds.length > 0) return reply.redirect(`${base}/factor`, 303)
    if (!isFresh) return reply.redirect(base, 303)
    if (!(await maySetUp(ctx.store.db, scene, step)))
      return showLogIn(ctx, request, reply, scene, {
        refused: 'provider_not_fresh',
        provider: nameOf(scene, first?.connection),
      })
    const offered = offeredKinds(scene)
    const view = { frame: frameOf(scene), action: `${base}/enrol`, email: user.email, problem }
    const offer = kindOf(request, offered) === 'key' ? await offerKey(ctx, user, uid, 'webauthn') : undefined
    if (offer) {
      const render = (csrf: string) =>
        setUpKeyPage({ ...view, csrf, offer, offersApp: offered.includes('totp') })
      return sendStep(ctx, request, reply, scene, problem, render, { hasKeys: true })
    }
    const appOffer = await offerTotp(ctx, user, uid, text(asParams(request.body), 'offer'))
    return sendStep(ctx, request, reply, scene, problem, (csrf) =>
      setUpTotpPage({ ...view, csrf, offer: appOffer, offersKey: offered.includes('key') }),
    )
  }

  async function setUp(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    step: SecondStep,
  ): Promise<FastifyReply> {
    const { proof, kinds } = step
    if (proof || kinds.length > 0 || !(await maySetUp(ctx.store.db, scene, step)))
      return show(request, reply, scene, step)
    const kind = kindOf(request, offeredKinds(scene)) ?? 'totp'
    const outcome = await enrol(request, scene, step, kind)
    if ('refused' in outcome) return show(request, reply, scene, step, outcome)
    await beginSecondStep(ctx, scene, outcome.user, { proof: proofOf(step, kind), first: step.first })
    return showCodes(request, reply, scene, outcome.recoveryCodes ?? [])
  }

  function enrol(
    request: FastifyRequest,
    scene: Scene,
    { user }: SecondStep,
    kind: Kind,
  ): Promise<EnrolOutcome> {
    const { uid, session } = scene.interaction
    const sent = asParams(request.body)
    const given = {
      binding: uid,
      sealed: text(sent, 'offer'),
      origin: originOf(request, scene),
      keepSession: session?.accountId === user.userId ? session.uid : undefined,
    }
    return kind === 'key'
      ? enrolKey(ctx, user, { ...given, type: 'webauthn', answer: text(sent, answerField) })
      : enrolTotp(ctx, user, { ...given, code: text(sent, 'code') })
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
    if (!step.proof) return show(request, reply, scene, step)
    return recordAndFinish(deps, request, reply, scene, step, step.proof)
  }

  /** What the tenant allows. Without either, a log-in has no second step. */
  function offeredKinds({ factorPolicy: { factors } }: Scene): Kind[] {
    const offersKey = factors['webauthn-roaming'] && relyingPartyOf(ctx.config) !== undefined
    return [...(factors.otp ? (['totp'] as const) : []), ...(offersKey ? (['key'] as const) : [])]
  }
}

/** What people call the provider of a connection. */
function nameOf({ providers }: Scene, connection = ''): string {
  return providers.find(({ name }) => name === connection)?.displayName ?? connection
}

/** The form says what it sends, and the address what it asks for. */
function kindOf(request: FastifyRequest, offered: readonly Kind[]): Kind | undefined {
  const wanted = text({ ...asParams(request.query), ...asParams(request.body) }, 'kind')
  return offered.find((kind) => kind === wanted) ?? offered[0]
}
