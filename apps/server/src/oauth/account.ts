import { pictureUrl } from '@rolecall/contract'
import {
  type Account,
  type AccountClaims,
  errors,
  type FindAccount,
  type KoaContextWithOIDC,
} from 'oidc-provider'
import { acceptsUser, readFacts } from '../authorization/entitlement.ts'
import type { Context } from '../context.ts'
import type { Cache } from '../store/cache.ts'
import { findUser } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { acrOf, lacksRequiredFactor, mfaRequired } from './log-in-facts.ts'

/** The claims a scope gives (OpenID Connect Core §5.4), of those this server knows about a user. */
export const claimsOfScope: Record<string, string[]> = {
  openid: ['sub', 'acr', 'amr'],
  profile: ['name', 'nickname', 'picture', 'given_name', 'family_name', 'updated_at'],
  email: ['email', 'email_verified'],
}

/**
 * Finds the user behind a session, code or token. A browser is not told about a blocked user, a client is. A user of a
 * connection that is not enabled for the application gets no token; a browser is asked to log in (`interaction-policy.ts`).
 */
export function createFindAccount(ctx: Context, cache: Cache): FindAccount {
  const facts = readFacts(ctx.store.db, cache)
  return async (request, userId, token) => {
    const user = await findUser(ctx.store.db, userId)
    if (!user) return undefined
    const forToken = isTokenRequest(request)
    if (user.blocked) {
      if (forToken) throw new errors.CustomOIDCProviderError('unauthorized', 'user is blocked')
      return undefined
    }
    const accepted = await acceptsUser(facts, request.oidc.client?.clientId ?? '', user)
    if (!accepted && forToken)
      throw new errors.InvalidGrant('the connection of the user is not enabled for the application')
    if (forToken && (await lacksRequiredFactor(ctx, request, user, acrOf(token)))) throw mfaRequired()
    if (!accepted && request.oidc.route === 'userinfo') return undefined
    return { accountId: user.userId, claims: () => claimsOf(user, ctx.config.issuer), accepted, user }
  }
}

/** The user that this account was made of. */
export function userOf(account: Account | undefined): User | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every account is made by `createFindAccount` above.
  return account?.['user'] as User | undefined
}

export function claimsOf(user: User, issuer: string): AccountClaims {
  return {
    sub: user.userId,
    name: user.name,
    nickname: user.nickname,
    picture: pictureUrl(issuer, user),
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
