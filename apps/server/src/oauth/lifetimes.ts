import type { ClientCredentials, Configuration, RefreshToken } from 'oidc-provider'
import type { Context } from '../context.ts'
import { type ApplicationFacts, factsOf } from './client-metadata.ts'
import { tenantOf } from './tenant-rules.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour
/** Where an application asks for tokens that never expire. */
const tenYears = 3_650 * day

/** Seconds that each artifact lives; access tokens for an API last as long as the API says (`resource-servers.ts`). */
export function lifetimes(ctx: Context): NonNullable<Configuration['ttl']> {
  return {
    AuthorizationCode: minute,
    DeviceCode: 15 * minute,
    Interaction: hour,
    AccessToken: (_request, token) => token.resourceServer?.accessTokenTTL ?? day,
    ClientCredentials: (_request, token: ClientCredentials) => token.resourceServer?.accessTokenTTL ?? day,
    IdToken: (_request, _token, client) => factsOf(client).id_token_lifetime,
    RefreshToken: (_request, token, client) => refreshTokenLifetime(ctx, token, factsOf(client)),
    Grant: (request, grant) =>
      grant.getOIDCScope().includes('offline_access')
        ? (factsOf(request.oidc.client).refresh_token.lifetime ?? tenYears)
        : 30 * day,
    Session: (request) => tenantOf(request).idleSeconds,
  }
}

/** The absolute lifetime counts from the first token of the family, the idle one from this one. */
function refreshTokenLifetime(
  ctx: Context,
  token: RefreshToken,
  { refresh_token: rules }: ApplicationFacts,
): number {
  const now = Math.floor(ctx.clock() / 1000)
  const absolute = rules.lifetime === null ? tenYears : (token.iiat ?? now) + rules.lifetime - now
  return Math.max(1, Math.min(absolute, rules.idleLifetime ?? absolute))
}
