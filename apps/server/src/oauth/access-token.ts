import type { AccessToken, ClientCredentials, JWTStructured, KoaContextWithOIDC } from 'oidc-provider'
import type { Api } from '../apis/apis.ts'
import type { Context } from '../context.ts'
import { issuanceOf } from './resource-servers.ts'
import { completeRotation } from './rotation.ts'

/**
 * Writes an access token's header and claims in the dialect its API asks for: Auth0's own, or RFC 9068.
 * With `…_authz` the subject's permissions on the API travel along, all of them, whatever scope was requested.
 */
export function createAccessTokenShape({ store }: Pick<Context, 'store'>) {
  return async (
    request: KoaContextWithOIDC,
    token: AccessToken | ClientCredentials,
    jwt: JWTStructured,
  ): Promise<void> => {
    shapeAccessToken(request, token, jwt)
    // Nothing that can refuse the request comes after this.
    await completeRotation(store)
  }
}

function shapeAccessToken(
  request: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  jwt: JWTStructured,
): void {
  const issuance = issuanceOf(token.resourceServer)
  if (!issuance) throw new Error('an access token in JWT form is issued for an API')
  const { api, permissions } = issuance
  const dialect = api.tokenDialect ?? 'access_token'
  const machine = token.kind === 'ClientCredentials'
  const { iss, sub, aud, iat, exp, jti, scope, cnf } = jwt.payload
  const standard = dialect.startsWith('rfc9068')
  const grantType = machine ? 'client-credentials' : refreshed(request) ? 'refresh_token' : undefined

  jwt.header = { typ: standard ? 'at+jwt' : 'JWT' }
  jwt.payload = {
    iss,
    sub: machine ? `${token.clientId}@clients` : sub,
    aud: machine ? aud : withUserinfo(api, String(aud), typeof scope === 'string' ? scope : '', String(iss)),
    iat,
    exp,
    ...(scope !== undefined && { scope }),
    ...(standard ? { jti, client_id: token.clientId } : { azp: token.clientId }),
    ...(!standard && grantType && { gty: grantType }),
    ...(permissions && dialect.endsWith('_authz') && { permissions }),
    ...(cnf !== undefined && { cnf }),
  }
}

/** A user's token with `openid` is also good at the userinfo endpoint, unless only the API could verify it. */
function withUserinfo(api: Api, audience: string, scope: string, issuer: string): string | string[] {
  const forUserinfo = scope.split(' ').includes('openid') && api.signingAlg === 'RS256'
  return forUserinfo ? [audience, `${issuer}userinfo`] : audience
}

function refreshed(request: KoaContextWithOIDC): boolean {
  return request.oidc.params?.['grant_type'] === 'refresh_token'
}
