import { CompactSign, type CryptoKey, generateKeyPair, UnsecuredJWT } from 'jose'

/** A token that is about to be signed. */
export interface Draft {
  header: Record<string, unknown> & { alg: string }
  claims: Record<string, unknown>
  key: CryptoKey
  /** The issuer's public key as PEM, which an attacker knows. */
  publicKeyText: string
  nowSeconds: number
}

const encoder = new TextEncoder()

/**
 * Everything that can be wrong with a token of {@link createTestIssuer}. An API must refuse each of them with 401.
 *
 * @example
 * ```ts
 * import { faults } from '@rolecall/guard/testing'
 *
 * for (const fault of faults) console.log(fault, await issuer.token({ fault }))
 * ```
 */
export const faults = [
  'expired',
  'not-yet-valid',
  'issued-in-the-future',
  'wrong-issuer',
  'wrong-audience',
  'missing-issuer',
  'missing-audience',
  'missing-subject',
  'missing-expiry',
  'unknown-key',
  'missing-key-id',
  'unknown-extension',
  'wrong-type',
  'wrong-signature',
  'altered-claims',
  'unsigned',
  'signed-with-the-public-key',
  'not-a-token',
] as const

/**
 * What is wrong with a token: one of {@link faults}.
 *
 * @example
 * ```ts
 * import type { Fault } from '@rolecall/guard/testing'
 *
 * const fault: Fault = 'expired'
 * const broken = await issuer.token({ fault })
 * ```
 */
export type Fault = (typeof faults)[number]

/** Makes a draft faulty. Returns the token when it must not be signed the normal way. */
type FaultMaker = (draft: Draft) => string | undefined | Promise<string>

const faultMakers: Record<Fault, FaultMaker> = {
  expired: ({ claims, nowSeconds }) => change(claims, { iat: nowSeconds - 7200, exp: nowSeconds - 3600 }),
  'not-yet-valid': ({ claims, nowSeconds }) => change(claims, { nbf: nowSeconds + 3600 }),
  'issued-in-the-future': ({ claims, nowSeconds }) =>
    change(claims, { iat: nowSeconds + 3600, exp: nowSeconds + 7200 }),
  'wrong-issuer': ({ claims }) => change(claims, { iss: 'https://issuer.invalid/' }),
  'wrong-audience': ({ claims }) => change(claims, { aud: 'https://other-api.invalid' }),
  'missing-issuer': ({ claims }) => change(claims, { iss: undefined }),
  'missing-audience': ({ claims }) => change(claims, { aud: undefined }),
  'missing-subject': ({ claims }) => change(claims, { sub: undefined }),
  'missing-expiry': ({ claims }) => change(claims, { exp: undefined }),
  'unknown-key': ({ header }) => change(header, { kid: 'no-such-key' }),
  'missing-key-id': ({ header }) => change(header, { kid: undefined }),
  'unknown-extension': ({ header }) =>
    change(header, { crit: ['urn:test:unknown'], 'urn:test:unknown': true }),
  'wrong-type': ({ header }) => change(header, { typ: 'logout+jwt' }),
  'wrong-signature': async (draft) =>
    sign({ ...draft, key: (await generateKeyPair(draft.header.alg)).privateKey }),
  'altered-claims': async (draft) => {
    const [header, , signature] = (await sign(draft)).split('.')
    const claims = Buffer.from(JSON.stringify({ ...draft.claims, sub: 'somebody-else' })).toString(
      'base64url',
    )
    return `${header}.${claims}.${signature}`
  },
  unsigned: ({ claims }) => new UnsecuredJWT(claims).encode(),
  'signed-with-the-public-key': ({ claims, header, publicKeyText }) =>
    new CompactSign(encoder.encode(JSON.stringify(claims)))
      .setProtectedHeader({ ...header, alg: 'HS256' })
      .sign(encoder.encode(publicKeyText)),
  'not-a-token': () => 'garbage',
}

/**
 * Signs the draft, with a fault if one is given.
 *
 * @example
 * ```ts
 * import { generateKeyPair } from 'jose'
 *
 * const { privateKey } = await generateKeyPair('ES256')
 * const draft = { header: { alg: 'ES256' }, claims: {}, key: privateKey, publicKeyText: '', nowSeconds: 0 }
 * await signToken(draft, 'not-a-token') // => 'garbage'
 * ```
 */
export async function signToken(draft: Draft, fault: Fault | undefined): Promise<string> {
  if (fault === undefined) return sign(draft)
  return (await faultMakers[fault](draft)) ?? sign(draft)
}

/** JSON leaves out members that are undefined. */
function change(members: Record<string, unknown>, changes: Record<string, unknown>): undefined {
  Object.assign(members, changes)
}

async function sign({ header, claims, key }: Draft): Promise<string> {
  const payload = encoder.encode(JSON.stringify(claims))
  const { crit } = header
  const understood = Array.isArray(crit) ? Object.fromEntries(crit.map((name: string) => [name, true])) : {}
  return new CompactSign(payload).setProtectedHeader(header).sign(key, { crit: understood })
}
