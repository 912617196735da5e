import { type AccountClaims, errors, type FindAccount, type KoaContextWithOIDC } from 'oidc-provider'
import type { Context } from '../context.ts'
import { findUser } from '../users/store.ts'
import type { User } from '../users/users.ts'

/** The claims a scope gives (OpenID Connect Core §5.4), of those this server knows about a user. */
export const claimsOfScope: Record<string, string[]> = {
  openid: ['sub'],
  profile: ['name', 'nickname', 'picture', 'given_name', 'family_name', 'updated_at'],
  email: ['email', 'email_verified'],
}

/** Finds the user behind a session, code or token; a blocked one is nobody to a browser, and told so to a client. */
export function createFindAccount(ctx: Context): FindAccount {
  return async (request, userId) => {
    const user = await findUser(ctx.store.db, userId)
    if (!user) return undefined
    if (user.blocked) {
      if (isTokenRequest(request)) throw new errors.CustomOIDCProviderError('unauthorized', 'user is blocked')
      return undefined
    }
    return { accountId: user.userId, claims: () => claimsOf(user) }
  }
}

export function claimsOf(user: User): AccountClaims {
  return {
    sub: user.userId,
    name: user.name,
    nickname: user.nickname,
    picture: user.picture,
    given_name: user.givenName,
    family_name: user.familyName,
    updated_at: new Date(user.updatedAt).toISOString(),
    email: user.email,
    email_verified: user.emailVerified,
  }
}

function isTokenRequest(request: KoaContextWithOIDC): boolean {
  return request.oidc.route === 'token'
}
