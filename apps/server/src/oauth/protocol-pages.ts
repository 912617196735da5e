import type { FastifyReply } from 'fastify'
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider'
import type { Context } from '../context.ts'
import { pageHeaders } from '../pages/headers.ts'
import { texts } from '../pages/texts.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { errorPage } from './pages/error.ts'
import { loggedOutPage, logoutPage } from './pages/logout.ts'
import { tenantOf } from './tenant-rules.ts'

/** The pages that oidc-provider shows by itself. */
export interface ProtocolPages {
  error(request: KoaContextWithOIDC, problem: ErrorOut): string
  logout(request: KoaContextWithOIDC, form: string): string
  loggedOut(request: KoaContextWithOIDC): string
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
  loggedOut(request) {
    request.set(pageHeaders())
    return loggedOutPage({ frame: { tenant: tenantOf(request).name } })
  },
}

const problems = {
  /** The interaction's cookie is gone: an old tab, the back button, another browser. */
  expired: { status: 400, ...texts.interactionExpired },
  no_connection: { status: 403, ...texts.noConnection },
  returnTo: { status: 400, ...texts.badReturnTo },
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
