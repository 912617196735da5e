/**
 * The pages at which an authorization request waits for a person: log in, sign up, consent. Each is bound to the browser
 * that began the request (oidc-provider's cookie) and its forms to the page (`pages/csrf.ts`); when a person is done, the
 * request goes on where it stopped. All of it works without JavaScript.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errors } from 'oidc-provider'
import { type SignInAttempt, type SignInOutcome, signIn } from '../../accounts/sign-in.ts'
import { signUp } from '../../accounts/sign-up.ts'
import type { Context } from '../../context.ts'
import { checkCsrf, csrfField, issueCsrf } from '../../pages/csrf.ts'
import { pageHeaders } from '../../pages/headers.ts'
import { statusOf } from '../../pages/page-request.ts'
import type { Problem } from '../../pages/problems.ts'
import type { Cache } from '../../store/cache.ts'
import { transaction } from '../../store/transaction.ts'
import type { User } from '../../users/user.ts'
import { recordLogIn } from '../browser-session.ts'
import { connectionDisabled } from '../interaction-policy.ts'
import { forgotUrl } from '../pages/forgot-routes.ts'
import { loginPage, signUpPage } from '../pages/sign-in.ts'
import type { Protocol } from '../protocol.ts'
import { showProblemPage } from '../protocol-pages.ts'
import { asParams, text } from '../request.ts'
import { decide, showConsent } from './consent.ts'
import { finishLogin } from './finish.ts'
import { openScene, type Scene } from './interaction.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply, scene: Scene) => Promise<FastifyReply>

export function interactionRoutes(
  app: FastifyInstance,
  ctx: Context,
  protocol: Protocol,
  cache: Cache,
): void {
  /** Finds the waiting request, or says that there is none any more. */
  const within = (handler: Handler) => async (request: FastifyRequest, reply: FastifyReply) => {
    const scene = await openScene(ctx, cache, protocol, request, reply)
    if (!scene) return showProblemPage(ctx, reply, 'expired')
    try {
      return await handler(request, reply, scene)
    } catch (error) {
      // Another request completed it, or ended the session it belongs to.
      if (error instanceof errors.SessionNotFound) return showProblemPage(ctx, reply, 'expired')
      throw error
    }
  }
  /** As `within`, for what a form of ours sent. */
  const submitted = (handler: Handler) =>
    within(async (request, reply, scene) =>
      checkCsrf(ctx, {
        headers: request.headers,
        purpose: scene.interaction.uid,
        token: asParams(request.body)[csrfField],
      })
        ? handler(request, reply, scene)
        : show(request, reply, scene, { refused: 'expired' }),
    )

  app.get(
    '/interaction/:uid',
    within((request, reply, scene) =>
      scene.interaction.prompt.name === 'consent'
        ? showConsent(ctx, request, reply, scene)
        : show(request, reply, scene, reasonOf(scene)),
    ),
  )

  app.post(
    '/interaction/:uid/login',
    submitted(async (request, reply, scene) => {
      const { connection, application } = scene
      if (!connection) return showProblemPage(ctx, reply, 'no_connection')
      const { clientId } = application
      const attempt: SignInAttempt = {
        connection,
        identifier: text(asParams(request.body), 'email'),
        password: text(asParams(request.body), 'password'),
        clientId,
        ...origin(request),
        onSuccess: (tx, user) => recordLogIn(tx, request, user, clientId),
      }
      const outcome = await signIn(ctx, attempt)
      return conclude(request, reply, scene, outcome)
    }),
  )

  app.post(
    '/interaction/:uid/sign-up',
    submitted(async (request, reply, scene) => {
      const { connection, application } = scene
      if (!connection) return showProblemPage(ctx, reply, 'no_connection')
      const { clientId } = application
      const outcome = await signUp(ctx, {
        connection,
        email: text(asParams(request.body), 'email'),
        password: text(asParams(request.body), 'password'),
        clientId,
        ...origin(request),
      })
      if ('user' in outcome) await transaction(ctx, (tx) => recordLogIn(tx, request, outcome.user, clientId))
      return conclude(request, reply, scene, outcome)
    }),
  )

  app.post(
    '/interaction/:uid/consent',
    submitted((request, reply, scene) =>
      decide(ctx, reply, scene, asParams(request.body)['decision'] === 'accept'),
    ),
  )

  async function conclude(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    outcome: { user: User } | Exclude<Problem, { refused: 'expired' | 'connection' }> | SignInOutcome,
  ): Promise<FastifyReply> {
    if ('user' in outcome) return finishLogin(protocol, request, reply, scene.interaction, outcome.user)
    return show(request, reply, scene, outcome)
  }

  /** The log-in or sign-up page, as the address or the application's `screen_hint` asks. */
  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    scene: Scene,
    problem?: Problem,
  ): Promise<FastifyReply> {
    const { interaction, application, connection, tenantName } = scene
    if (!connection) return showProblemPage(ctx, reply, 'no_connection')
    const { params, uid } = interaction
    const csrf = issueCsrf(ctx, uid, request.headers.cookie)
    const options = {
      frame: { tenant: tenantName, application: application.name },
      csrf: csrf.token,
      email: text(asParams(request.body), 'email') || text(params, 'login_hint'),
      problem,
    }
    const base = `/interaction/${uid}`
    const open = connection.options.disable_signup !== true
    const page =
      wantsSignUp(request, params) && open
        ? signUpPage({
            ...options,
            action: `${base}/sign-up`,
            logInUrl: `${base}?screen=login`,
            policy: connection.options,
          })
        : loginPage({
            ...options,
            action: `${base}/login`,
            forgotUrl: forgotUrl(application.clientId, uid),
            signUpUrl: open ? `${base}?screen=signup` : undefined,
          })
    if (problem && 'retryAfterSeconds' in problem) reply.header('retry-after', problem.retryAfterSeconds)
    return reply
      .code(statusOf(problem))
      .headers(
        pageHeaders({
          leadsToApplication: true,
          inPopup: params['response_mode'] === 'web_message',
        }),
      )
      .header('set-cookie', csrf.setCookie)
      .send(page)
  }
}

/** Why somebody who is signed in sees the log-in page. */
function reasonOf({ interaction }: Scene): Problem | undefined {
  return interaction.prompt.reasons.includes(connectionDisabled) ? { refused: 'connection' } : undefined
}

function wantsSignUp(request: FastifyRequest, params: Record<string, unknown>): boolean {
  const { screen } = asParams(request.query)
  if (request.url.includes('/sign-up')) return true
  return screen === undefined ? params['screen_hint'] === 'signup' : screen === 'signup'
}

function origin({ id, ip, headers }: FastifyRequest) {
  return { ip, userAgent: headers['user-agent'], requestId: id }
}
