import type { AccessToken, ClientCredentials, JWTStructured, KoaContextWithOIDC } from 'oidc-provider'
import { accessTokenClaims, isRfc9068 } from '../authorization/claims.ts'
import { rememberIssuedTokens } from '../authorization/issued-tokens.ts'
import type { Context } from '../context.ts'
import { authorizationOf } from './log-in-facts.ts'
import { issuanceOf } from './resource-servers.ts'
import { completeRotation } from './rotation.ts'
import { positionOf } from './tenant-rules.ts'

/** Writes the header and the claims of an access token in the dialect of its API (`authorization/claims.ts`). */
export function createAccessTokenShape(ctx: Pick<Context, 'store' | 'config' | 'clock'>) {
  const remember = rememberIssuedTokens(ctx)
  return async (
    request: KoaContextWithOIDC,
    token: AccessToken | ClientCredentials,
    jwt: JWTStructured,
  ): Promise<void> => {
    shapeAccessToken(request, token, jwt, ctx.config.issuer)
    await remember(requireIssuance(token).api.identifier, String(jwt.payload.sub))
    // Nothing that can refuse the request comes after this.
    await completeRotation(ctx.store)
  }
}

function shapeAccessToken(
  request: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  jwt: JWTStructured,
  issuer: string,
): void {
  const { api, permissions } = requireIssuance(token)
  const position = positionOf(request)
  const { sub, scope } = jwt.payload
  jwt.header = { typ: isRfc9068(api) ? 'at+jwt' : 'JWT' }
  jwt.payload = accessTokenClaims(
    {
      issuer,
      api,
      subjectType: token.kind === 'ClientCredentials' ? 'client' : 'user',
      clientId: token.clientId ?? '',
      userId: typeof sub === 'string' ? sub : undefined,
      scope: typeof scope === 'string' ? scope : undefined,
      permissions,
      ...(position && { position }),
      logIn: authorizationOf(request),
      isRefreshed: request.oidc.params?.['grant_type'] === 'refresh_token',
    },
    jwt.payload,
  )
}

function requireIssuance(token: AccessToken | ClientCredentials) {
  const issuance = issuanceOf(token.resourceServer)
  if (!issuance) throw new Error('an access token in JWT form is issued for an API')
  return issuance
}
