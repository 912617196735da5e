import { createPublicKey, verify } from 'node:crypto'
import { CommandError } from '../errors.ts'
import { readClaims, readHeader } from '../session/token-claims.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import type { KeySet } from './server-checks.ts'

/** Checks an access token as an API would, and says all that is wrong. */
export function checkToken(
  token: string,
  { issuer, audience, keys }: { issuer: string; audience: string | undefined; keys: KeySet | undefined },
): Finding[] {
  try {
    const claims = readClaims(token)
    const now = Date.now() / 1_000
    return [
      signatureFinding(token, keys),
      claims.iss === issuer
        ? ok('token', `It was issued by ${issuer}.`)
        : fail('token', `Its issuer is ${claims.iss ?? 'missing'}, and not ${issuer}.`),
      ...(audience === undefined ? [] : [audienceFinding([claims.aud ?? []].flat(), audience)]),
      claims.exp === undefined || claims.exp > now
        ? ok('token', 'It has not expired.')
        : fail('token', `It expired ${Math.round(now - claims.exp)} seconds ago.`),
      permissionsFinding(claims.permissions),
    ]
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return [fail('token', error.message)]
  }
}

function audienceFinding(audiences: readonly string[], wanted: string): Finding {
  if (audiences.includes(wanted)) return ok('token', `It is for ${wanted}.`)
  const named = audiences.join(', ') || 'no API'
  return fail('token', `It is for ${named}: request it with audience=${wanted}.`)
}

function permissionsFinding(permissions: readonly string[] | undefined): Finding {
  if (permissions) return ok('token', `Its permissions are: ${permissions.join(', ') || 'none'}.`)
  return warn(
    'token',
    'It has no claim permissions: switch on RBAC and "Add Permissions in the Access Token" for the API.',
  )
}

/** Digests of the algorithms that issuers sign access tokens with (RFC 7518 §3.1). EdDSA names none. */
const digests: Record<string, string | null> = {
  RS256: 'sha256',
  PS256: 'sha256',
  ES256: 'sha256',
  EdDSA: null,
}

function signatureFinding(token: string, keys: KeySet | undefined): Finding {
  const { alg, kid } = readHeader(token)
  const digest = digests[alg]
  if (digest === undefined) return warn('token', `It is signed with ${alg}, which is not checked here.`)
  const key = keys?.keys.find((one) => one.kid === kid)
  if (!key)
    return fail(
      'token',
      `The server publishes no key ${kid ?? 'without a name'}: the token is of another server, or its key was revoked.`,
    )
  const [head, body, signature = ''] = token.split('.')
  const publicKey = createPublicKey({ key: key, format: 'jwk' })
  const options = alg.startsWith('PS')
    ? { padding: 6, saltLength: 32 }
    : alg === 'ES256'
      ? { dsaEncoding: 'ieee-p1363' as const }
      : {}
  const isValid = verify(
    digest,
    Buffer.from(`${head}.${body}`),
    { key: publicKey, ...options },
    Buffer.from(signature, 'base64url'),
  )
  return isValid
    ? ok('token', `Its signature is valid (${alg}).`)
    : fail('token', 'Its signature is not valid: it was changed, or is of another server.')
}
