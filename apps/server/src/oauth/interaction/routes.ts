/**
 * The pages at which an authorization request waits for a person: log in, sign up, consent. Each is bound to the browser
 * that began the request (oidc-provider's cookie) and its forms to the page (`pages/csrf.ts`); when a person is done, the
 * request goes on where it stopped. All of it works without JavaScript.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type SignInAttempt, type SignInOutcome, signIn } from '../../accounts/sign-in.ts'
import { signUp } from '../../accounts/sign-up.ts'
import { signInWithPasskey } from '../../factors/passkeys.ts'
import { answerField } from '../../pages/key-form.ts'
import type { Problem } from '../../pages/problems.ts'
import { type Tx, transaction } from '../../store/transaction.ts'
import type { User } from '../../users/user.ts'
import { recordLogIn } from '../browser-session.ts'
import { connectionDisabled } from '../interaction-policy.ts'
import { showProblemPage } from '../protocol-pages.ts'
import { asParams, text } from '../request.ts'
import { decide, showConsent } from './consent.ts'
import { finishLogin, passkeyProof } from './finish.ts'
import type { Interaction, Scene } from './interaction.ts'
import { showLogIn } from './log-in-page.ts'
import { departTo, type ProviderDeps } from './provider-routes.ts'
import { beginSecondStep, hasSecondStep, isStepUp, secondStepOf } from './second-step.ts'
import { type Handler, isOwnForm, originOf, within } from './within.ts'

export function interactionRoutes(app: FastifyInstance, deps: ProviderDeps): void {
  const { ctx, protocol } = deps
  /** Whose log-in goes on with a second step. */
  const waiting = new WeakSet<Interaction>()
  /** As `within`, for what a form of ours sent. */
  const submitted = (handler: Handler) =>
    within(deps, async (request, reply, scene) =>
      isOwnForm(ctx, request, scene)
        ? handler(request, reply, scene)
        : showLogIn(ctx, request, reply, scene, { refused: 'expired' }),
    )

  app.get(
    '/interaction/:uid',
    within(
      deps,
      async (request, reply, scene) => {
        const { prompt, uid } = scene.interaction
        if (prompt.name === 'consent') return showConsent(ctx, request, reply, scene)
        // Only the code is missing. Who has no factor yet sets one up after logging in again.
        const step = isStepUp(scene.interaction) ? await secondStepOf(ctx, scene) : undefined
        if (step && step.kinds.length > 0 && !('screen' in asParams(request.query)))
          return reply.redirect(`/interaction/${uid}/factor`, 303)
        const [requested] = scene.isProviderRequested ? scene.providers : []
        return requested && !('screen' in asParams(request.query))
          ? departTo(deps, request, reply, scene, requested.connectionId)
          : showLogIn(ctx, request, reply, scene, reasonOf(scene))
      },
      'either',
    ),
  )

  app.post(
    '/interaction/:uid/login',
    submitted(async (request, reply, scene) => {
      const { connection } = scene
      if (!connection) return showProblemPage(ctx, reply, 'no_connection')
      const attempt: SignInAttempt = {
        connection,
        identifier: text(asParams(request.body), 'email'),
        password: text(asParams(request.body), 'password'),
        ...originOf(request, scene),
        onSuccess: (tx, user) => record(tx, request, scene, user),
      }
      return conclude(request, reply, scene, await signIn(ctx, attempt))
    }),
  )

  app.post(
    '/interaction/:uid/passkey',
    submitted(async (request, reply, scene) => {
      const { connection, interaction, application } = scene
      if (!connection) return showProblemPage(ctx, reply, 'no_connection')
      const outcome = await signInWithPasskey(ctx, {
        connection,
        binding: interaction.uid,
        sealed: text(asParams(request.body), 'challenge'),
        answer: text(asParams(request.body), answerField),
        ...originOf(request, scene),
        onSuccess: (tx, user) => recordLogIn(tx, request, user, application),
      })
      return 'refused' in outcome
        ? showLogIn(ctx, request, reply, scene, outcome)
        : finishLogin(protocol, request, reply, interaction, outcome.user, passkeyProof)
    }),
  )

  app.post(
    '/interaction/:uid/sign-up',
    submitted(async (request, reply, scene) => {
      const { connection } = scene
      if (!connection) return showProblemPage(ctx, reply, 'no_connection')
      const outcome = await signUp(ctx, {
        connection,
        email: text(asParams(request.body), 'email'),
        password: text(asParams(request.body), 'password'),
        ...originOf(request, scene),
      })
      if ('user' in outcome) await transaction(ctx, (tx) => record(tx, request, scene, outcome.user))
      return conclude(request, reply, scene, outcome)
    }),
  )

  app.post(
    '/interaction/:uid/consent',
    within(
      deps,
      async (request, reply, scene) =>
        isOwnForm(ctx, request, scene)
          ? decide(ctx, reply, scene, asParams(request.body)['decision'] === 'accept')
          : showConsent(ctx, request, reply.code(403), scene),
      'consent',
    ),
  )

  /** A log-in with a second step is recorded after it. */
  async function record(tx: Tx, request: FastifyRequest, scene: Scene, user: User): Promise<void> {
    if (await hasSecondStep(tx.db, scene, user)) waiting.add(scene.interaction)
    else await recordLogIn(tx, request, user, scene.application)
  }

  async function conclude(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    outcome: { user: User } | Exclude<Problem, { refused: 'expired' | 'connection' }> | SignInOutcome,
  ): Promise<FastifyReply> {
    if ('refused' in outcome) return showLogIn(ctx, request, reply, scene, outcome)
    const { user } = outcome
    const { interaction } = scene
    if (!waiting.has(interaction))
      return finishLogin(protocol, request, reply, interaction, user, { amr: ['pwd'] })
    await beginSecondStep(ctx, scene, user)
    return reply.redirect(`/interaction/${interaction.uid}/${user.secondFactor ? 'factor' : 'enrol'}`, 303)
  }
}

/** Why somebody who is signed in sees the log-in page. */
function reasonOf({ interaction }: Scene): Problem | undefined {
  const { reasons } = interaction.prompt
  if (reasons.includes(connectionDisabled)) return { refused: 'connection' }
  return isStepUp(interaction) ? { refused: 'second_factor' } : undefined
}
