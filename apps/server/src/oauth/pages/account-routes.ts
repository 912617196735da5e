/**
 * The pages that mailed links lead to, and the one that asks for such a link:
 *
 *   /u/reset-password/request   asks for a link (from the log-in page, with `client_id` and `state`)
 *   /u/reset-password           chooses a new password, with `ticket`
 *   /u/email-verification       confirms an address, with `ticket`
 *
 * A GET changes nothing: mail scanners open links too. What a step may do is decided by the ticket alone, so that no
 * order of requests skips the mail (CVE-2026-18963). Rules: `accounts/password-reset.ts`, `accounts/email-verification.ts`.
 */
import type { FastifyInstance } from 'fastify'
import { afterResponseDone } from '../../accounts/after-response.ts'
import type { Context } from '../../context.ts'
import { forgotRoutes } from './forgot-routes.ts'
import { resetRoutes } from './reset-routes.ts'
import { verifyRoutes } from './verify-routes.ts'

export function accountRoutes(app: FastifyInstance, ctx: Context): void {
  app.addHook('onClose', () => afterResponseDone(ctx))
  forgotRoutes(app, ctx)
  resetRoutes(app, ctx)
  verifyRoutes(app, ctx)
}
