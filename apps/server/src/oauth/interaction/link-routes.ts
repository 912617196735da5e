/**
 * A first log-in at a provider, with the verified address of an account here. The page offers to connect the two, after the
 * proof of that account: its password, by the same checks and limits as a log-in, and then its second factor where it has one.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { signIn } from '../../accounts/sign-in.ts'
import type { Provider } from '../../connections/provider.ts'
import { type Connection, findConnection } from '../../connections/store.ts'
import type { Problem } from '../../pages/problems.ts'
import { findUser } from '../../users/store.ts'
import type { User } from '../../users/user.ts'
import { linkAccountPage } from '../pages/providers.ts'
import { asParams, text } from '../request.ts'
import { finishLogin } from './finish.ts'
import { completeLogIn } from './first-step.ts'
import { enabledProvider, type Scene } from './interaction.ts'
import { enter, firstStepOf, type Offered, offeredOf } from './provider-entry.ts'
import { beginSecondStep, type FirstStep, hasSecondStep } from './second-step.ts'
import {
  type Handler,
  isOwnForm,
  originOf,
  type StepDeps,
  StepExpiredError,
  sendStep,
  within,
} from './within.ts'

/** As long as a password counts before the second step. */
const offerValidMs = 10 * 60_000

/** What the page asks about. */
interface Offer {
  offered: Offered
  provider: Provider
  /** The account here, and its database. */
  user: User
  database: Connection
}

export function linkRoutes(app: FastifyInstance, deps: StepDeps): void {
  const { ctx, protocol } = deps
  const path = '/interaction/:uid/link'

  app.get(path, within(deps, withOffer(show)))
  app.post(
    path,
    within(
      deps,
      withOffer(async (request, reply, scene, offer) => {
        if (!isOwnForm(ctx, request, scene)) return show(request, reply, scene, offer, { refused: 'expired' })
        if (text(asParams(request.body), 'decision') === 'connect')
          return connect(request, reply, scene, offer)
        const { provider, offered } = offer
        return enter(protocol, { ctx, request, reply, scene, provider }, offered, true)
      }),
    ),
  )

  type OfferHandler = (
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    offer: Offer,
  ) => Promise<FastifyReply>

  function withOffer(handler: OfferHandler): Handler {
    return async (request, reply, scene) => {
      const offer = await offerOf(scene)
      return offer
        ? handler(request, reply, scene, offer)
        : reply.redirect(`/interaction/${scene.interaction.uid}?screen=login`, 303)
    }
  }

  async function offerOf(scene: Scene): Promise<Offer | undefined> {
    const { db } = ctx.store
    const offered = offeredOf(scene.interaction)
    if (!offered || ctx.clock() - offered.at > offerValidMs) return undefined
    const provider = await enabledProvider(ctx, db, scene, offered.connectionId)
    const user = await findUser(db, offered.userId)
    const database = user && (await findConnection(db, user.connection))
    return provider && database ? { offered, provider, user, database } : undefined
  }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    { provider, user }: Offer,
    problem?: Problem,
  ): Promise<FastifyReply> {
    const base = `/interaction/${scene.interaction.uid}`
    return sendStep(ctx, request, reply, scene, problem, (csrf) =>
      linkAccountPage({
        frame: { tenant: scene.tenantName, application: scene.application.name },
        action: `${base}/link`,
        csrf,
        email: user.email,
        provider: provider.displayName,
        allowsSeparate: provider.allowsSignUp,
        backUrl: `${base}?screen=login`,
        problem,
      }),
    )
  }

  async function connect(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    offer: Offer,
  ): Promise<FastifyReply> {
    const { provider, offered, user, database } = offer
    const first: FirstStep = {
      ...firstStepOf(provider, offered),
      amr: ['pwd'],
      authTime: undefined,
      linked: offered.logIn,
    }
    let waits = false
    const outcome = await signIn(ctx, {
      connection: database,
      identifier: user.email,
      password: text(asParams(request.body), 'password'),
      ...originOf(request, scene),
      async onSuccess(tx, proven) {
        // The addresses of two accounts of an earlier version may clash.
        if (proven.userId !== user.userId) throw new StepExpiredError()
        waits = await hasSecondStep(tx.db, scene, proven)
        if (!waits) await completeLogIn(ctx, tx, request, scene, proven, first)
      },
    })
    if ('refused' in outcome) return show(request, reply, scene, offer, outcome)
    const { interaction } = scene
    if (!waits) return finishLogin(protocol, request, reply, interaction, outcome.user, { amr: first.amr })
    await beginSecondStep(ctx, scene, outcome.user, { first })
    const next = outcome.user.secondFactor ? 'factor' : 'enrol'
    return reply.redirect(`/interaction/${interaction.uid}/${next}`, 303)
  }
}
