import {
  type DecodedToken,
  findInToken,
  keyAlgs,
  rightsIn,
  type TokenFinding,
  type TokenSignature,
} from '@rolecall/contract'
import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors } from 'jose'
import { openSigningSecret } from '../apis/apis.ts'
import type { Api } from '../apis/store.ts'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { hasPermissionsClaim } from './claims.ts'

/** What a token says about a permission, and what is wrong with it. */
export interface TokenReading {
  findings: TokenFinding[]
  signature: TokenSignature
  subject: string | undefined
  issuedAt: number | undefined
  expiresAt: number | undefined
  permissions: string[] | undefined
  scope: string[]
}

const unreadable: TokenReading = {
  findings: ['not_a_jwt'],
  signature: 'not_checked',
  subject: undefined,
  issuedAt: undefined,
  expiresAt: undefined,
  permissions: undefined,
  scope: [],
}

/** Reads a token for an API, whatever it contains. Only `signature` says whether the rest is authentic. */
export async function readToken(
  ctx: Pick<Context, 'config' | 'clock' | 'sealer'>,
  keys: Pick<KeyRing, 'publicJwks'>,
  api: Api,
  permission: string,
  token: string,
): Promise<TokenReading> {
  const decoded = decode(token)
  if (!decoded) return unreadable
  const signature = await verify(ctx, keys, api, token)
  const { claims } = decoded
  const expected = {
    issuer: ctx.config.issuer,
    now: Math.floor(ctx.clock() / 1000),
    permission,
    api: {
      identifier: api.identifier,
      enforcePolicies: api.enforcePolicies ?? false,
      permissionsClaim: hasPermissionsClaim(api),
    },
  }
  const { sub, iat, exp } = claims
  return {
    findings: findInToken({ ...decoded, signature }, expected, token.length),
    signature,
    subject: typeof sub === 'string' ? sub : undefined,
    issuedAt: seconds(iat),
    expiresAt: seconds(exp),
    ...rightsIn(claims),
  }
}

function decode(token: string): Omit<DecodedToken, 'signature'> | undefined {
  try {
    return { header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token) }
  } catch {
    return undefined
  }
}

/** A key of the tenant, or the secret of the API: never one that the token names itself (RFC 8725 §3.1). */
async function verify(
  { sealer }: Pick<Context, 'sealer'>,
  keys: Pick<KeyRing, 'publicJwks'>,
  api: Api,
  token: string,
): Promise<TokenSignature> {
  const secret = openSigningSecret(sealer, api)
  try {
    if (secret === undefined)
      await compactVerify(token, createLocalJWKSet(keys.publicJwks()), { algorithms: [...keyAlgs] })
    else await compactVerify(token, Buffer.from(secret), { algorithms: ['HS256'] })
    return 'valid'
  } catch (error) {
    return error instanceof errors.JWKSNoMatchingKey ? 'unknown_key' : 'invalid'
  }
}

const latestSeconds = 8_640_000_000_000

/** A time that a date can hold; a claim may have any value. */
function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= latestSeconds ? value : undefined
}
