import { randomHex, randomSecret } from '../crypto/random.ts'
import type { Sealer } from '../crypto/sealer.ts'
import { apiExists } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import { mapConstraintError } from '../store/constraints.ts'
import type { Tx } from '../store/transaction.ts'
import { refuseReservedNames } from './reserved-permissions.ts'
import { insertApi, replacePermissions } from './store.ts'

export type SigningAlg = 'RS256' | 'HS256'
/** Which claims an access token carries; `…_authz` adds `permissions`, `rfc9068…` follows RFC 9068. */
export type TokenDialect = 'access_token' | 'access_token_authz' | 'rfc9068_profile' | 'rfc9068_profile_authz'

export interface Permission {
  value: string
  description: string
}

/** An API that tokens are issued for, a "resource server" on the wire. */
export interface Api {
  id: string
  /** The audience: `aud` of its tokens. Never changes. */
  identifier: string
  name: string
  isSystem: boolean
  signingAlg: SigningAlg
  /** Sealed; present with HS256. `openSigningSecret` reads it. */
  signingSecret?: string
  /** Seconds. */
  tokenLifetime: number
  /** Seconds. */
  tokenLifetimeForWeb: number
  allowOfflineAccess: boolean
  /** Whether a user's permissions limit the scopes of a token; absent until somebody set it. */
  enforcePolicies?: boolean
  tokenDialect?: TokenDialect
  skipConsent: boolean
  /** In the order in which they were declared. */
  permissions: Permission[]
  /** What tools send and expect back, and no rule here reads. */
  extra: Record<string, unknown>
}

/** What the caller of `createApi` decides; the rest are Auth0's defaults. The secret is given in plain text. */
export type NewApi = Pick<Api, 'identifier'> & Partial<Omit<Api, 'id' | 'identifier'>>

const secondsOfADay = 86_400
const secondsOfTwoHours = 7_200

/** @throws ApiError 409 when the identifier is taken, 400 for a permission with a reserved name */
export async function createApi(tx: Tx, sealer: Sealer, input: NewApi): Promise<Api> {
  const id = randomHex(24)
  const signingAlg = input.signingAlg ?? 'RS256'
  const { signingSecret, ...given } = input
  const api: Api = {
    name: input.identifier,
    isSystem: false,
    tokenLifetime: secondsOfADay,
    allowOfflineAccess: false,
    skipConsent: false,
    permissions: [],
    extra: {},
    ...given,
    id,
    tokenLifetimeForWeb: withinLifetime(input),
    signingAlg,
    ...(signingAlg === 'HS256' && {
      signingSecret: sealSigningSecret(sealer, id, signingSecret ?? randomSecret()),
    }),
  }
  refuseReservedNames(api.permissions)
  await mapConstraintError(insertApi(tx.db, api, tx.now), { unique: apiExists })
  await replacePermissions(tx.db, id, api.permissions)
  await recordChange(tx, 'api', id)
  return api
}

/** Tokens for pages live no longer than others. */
export function withinLifetime(api: Pick<Partial<Api>, 'tokenLifetime' | 'tokenLifetimeForWeb'>): number {
  return Math.min(api.tokenLifetimeForWeb ?? secondsOfTwoHours, api.tokenLifetime ?? secondsOfADay)
}

export function sealSigningSecret(sealer: Sealer, apiId: string, secret: string): string {
  return sealer.seal(secret, sealedFor(apiId))
}

/** The HS256 secret in plain text; undefined for an API that signs with the tenant's keys. */
export function openSigningSecret(sealer: Sealer, api: Api): string | undefined {
  return api.signingSecret === undefined ? undefined : sealer.open(api.signingSecret, sealedFor(api.id))
}

const sealedFor = (apiId: string) => `apis.signing_secret:${apiId}`
