import type { FastifyReply } from 'fastify'
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider'
import type { Context } from '../context.ts'
import { pageHeaders } from '../pages/headers.ts'
import { texts } from '../pages/texts.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { activatePage, confirmDevicePage, deviceDonePage } from './pages/device.ts'
import { errorPage } from './pages/error.ts'
import { loggedOutPage, logoutPage } from './pages/logout.ts'
import { text } from './request.ts'
import { tenantOf } from './tenant-rules.ts'

/** The pages that oidc-provider renders. */
export interface ProtocolPages {
  error(request: KoaContextWithOIDC, problem: ErrorOut): string
  logout(request: KoaContextWithOIDC, form: string): string
  loggedOut(request: KoaContextWithOIDC): string
  activate(request: KoaContextWithOIDC, error: Error | undefined): string
  confirmDevice(request: KoaContextWithOIDC, code: string): string
  deviceDone(request: KoaContextWithOIDC): string
}

/** Those pages in the tenant's look. */
export const pages: ProtocolPages = {
  error(request, problem) {
    request.set(pageHeaders())
    const isOurs = problem.error === 'server_error'
    return errorPage({
      frame: { tenant: tenantOf(request).name },
      lead: isOurs ? texts.errorPage.ownLead : undefined,
      code: problem.error,
      description: isOurs ? undefined : problem.error_description,
    })
  },
  logout(request, form) {
    request.set(pageHeaders({ leadsToApplication: true }))
    return logoutPage({
      frame: { tenant: tenantOf(request).name, application: request.oidc.client?.clientName },
      form,
    })
  },
  activate(request, error) {
    request.set(pageHeaders())
    const { typed } = request.query
    const problem = error && (codeProblems[error.name] ?? 'failed')
    if (problem === 'wrong') request.status = 400
    return activatePage({
      frame: { tenant: tenantOf(request).name },
      xsrf: error === undefined || isStored(request) ? xsrfOf(request) : undefined,
      code: error && 'userCode' in error ? String(error.userCode) : [typed].flat()[0],
      problem,
    })
  },
  confirmDevice(request, code) {
    request.set(pageHeaders())
    return confirmDevicePage({ frame: deviceFrame(request), xsrf: xsrfOf(request), code })
  },
  deviceDone(request) {
    request.set(pageHeaders())
    return deviceDonePage({ frame: deviceFrame(request) })
  },
  loggedOut(request) {
    request.set(pageHeaders())
    return loggedOutPage({ frame: { tenant: tenantOf(request).name } })
  },
}

/** By the name of oidc-provider's error, which it does not export. */
const codeProblems: Record<string, 'wrong' | 'declined' | 'expired'> = {
  NoCodeError: 'wrong',
  NotFoundError: 'wrong',
  ExpiredError: 'wrong',
  AlreadyUsedError: 'wrong',
  AbortedError: 'declined',
  InvalidRequest: 'expired',
  SessionNotFound: 'expired',
}

/**
 * oidc-provider shows the form again after an error, when the session was written already. One that is new has no row that
 * the form's token could be added to, and no cookie.
 */
function isStored({ oidc }: KoaContextWithOIDC): boolean {
  const { session } = oidc
  if (session === undefined || typeof session.exp === 'number') return true
  Object.assign(session, { touched: false })
  return false
}

const xsrfOf = ({ oidc }: KoaContextWithOIDC) => text(oidc.session?.state, 'secret')

const deviceFrame = (request: KoaContextWithOIDC) => ({
  tenant: tenantOf(request).name,
  application: request.oidc.client?.clientName ?? '',
})

const problems = {
  /** The interaction's cookie is gone: an old tab, the back button, another browser. */
  expired: { status: 400, ...texts.interactionExpired },
  no_connection: { status: 403, ...texts.noConnection },
  returnTo: { status: 400, ...texts.badReturnTo },
  too_many_codes: { status: 429, ...texts.tooManyCodes },
}

export async function showProblemPage(
  ctx: Context,
  reply: FastifyReply,
  problem: keyof typeof problems,
): Promise<FastifyReply> {
  const { status, title, lead } = problems[problem]
  const { friendly_name: tenant } = await tenantSettings(ctx.store.db)
  return reply
    .code(status)
    .headers(pageHeaders())
    .send(errorPage({ frame: { tenant }, title, lead }))
}

export async function showLoggedOut(ctx: Context, reply: FastifyReply): Promise<FastifyReply> {
  const { friendly_name: tenant } = await tenantSettings(ctx.store.db)
  return reply.headers(pageHeaders()).send(loggedOutPage({ frame: { tenant } }))
}
