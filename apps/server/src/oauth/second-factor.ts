import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Context } from '../context.ts'
import { isOff, multiFactor, needsSecondStep } from '../factors/policy.ts'
import { userOf } from './account.ts'
import { text, words } from './request.ts'
import { issuanceOf } from './resource-servers.ts'
import { tenantOf } from './tenant-rules.ts'

/** Whether the request asks for two factors (OpenID Connect Core §3.1.2.1). */
export function requestsMultiFactor({ oidc }: Pick<KoaContextWithOIDC, 'oidc'>): boolean {
  return words(text(oidc.params, 'acr_values')).includes(multiFactor)
}

/** Whether the browser's session is of a log-in with one factor, and the request needs two. */
export async function lacksSecondStep(
  ctx: Pick<Context, 'store'>,
  request: KoaContextWithOIDC,
): Promise<boolean> {
  const { session, account, resourceServers } = request.oidc
  const user = userOf(account)
  if (!session?.accountId || !user || session.acr === multiFactor) return false
  const { factorPolicy } = tenantOf(request)
  if (isOff(factorPolicy)) return false
  if (requestsMultiFactor(request)) return true
  const apis = Object.values(resourceServers ?? {}).flatMap((one) => issuanceOf(one)?.api.identifier ?? [])
  return needsSecondStep(ctx.store.db, factorPolicy, user, apis)
}
