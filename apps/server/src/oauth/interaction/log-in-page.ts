import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { requestPasskey } from '../../factors/passkeys.ts'
import type { Problem } from '../../pages/problems.ts'
import { forgotUrl } from '../pages/forgot-routes.ts'
import { providersPage } from '../pages/providers.ts'
import { loginPage, signUpPage } from '../pages/sign-in.ts'
import { showProblemPage } from '../protocol-pages.ts'
import { asParams, text } from '../request.ts'
import type { Scene } from './interaction.ts'
import { sendStep } from './within.ts'

/** Shows the log-in or sign-up page, as the address or the application's `screen_hint` asks. */
export async function showLogIn(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  scene: Scene,
  problem?: Problem,
): Promise<FastifyReply> {
  const { interaction, application, connection, tenantName } = scene
  const { params, uid } = interaction
  const base = `/interaction/${uid}`
  const frame = { tenant: tenantName, application: application.name }
  const buttons = (csrf: string) => ({ action: `${base}/provider`, csrf, providers: scene.providers })
  if (!connection && scene.providers.length === 0) return showProblemPage(ctx, reply, 'no_connection')
  if (!connection)
    return sendStep(ctx, request, reply, scene, problem, (csrf) =>
      providersPage({ frame, problem, buttons: buttons(csrf) }),
    )
  const open = connection.options.disable_signup !== true
  const email = text(asParams(request.body), 'email') || text(params, 'login_hint')
  const options = (csrf: string) => ({ frame, email, problem, csrf, buttons: buttons(csrf) })
  if (wantsSignUp(request, params) && open)
    return sendStep(ctx, request, reply, scene, problem, (csrf) =>
      signUpPage({
        ...options(csrf),
        action: `${base}/sign-up`,
        logInUrl: `${base}?screen=login`,
        policy: connection.options,
      }),
    )
  const passkey = requestPasskey(ctx, connection, uid)
  const render = (csrf: string) =>
    loginPage({
      ...options(csrf),
      action: `${base}/login`,
      forgotUrl: forgotUrl(application.clientId, uid),
      signUpUrl: open ? `${base}?screen=signup` : undefined,
      passkey: passkey && { ...passkey, action: `${base}/passkey` },
    })
  return sendStep(ctx, request, reply, scene, problem, render, { hasKeys: passkey !== undefined })
}

function wantsSignUp(request: FastifyRequest, params: Record<string, unknown>): boolean {
  const { screen } = asParams(request.query)
  if (request.url.includes('/sign-up')) return true
  return screen === undefined ? params['screen_hint'] === 'signup' : screen === 'signup'
}
