import { CompactSign, type CryptoKey, generateKeyPair, UnsecuredJWT } from 'jose'

/** A token about to be signed. */
export interface Draft {
  header: Record<string, unknown> & { alg: string }
  claims: Record<string, unknown>
  key: CryptoKey
  /** The key that the issuer publishes, as its PEM text and as its modulus: what an attacker knows. */
  publicKeyText: string
  nowSeconds: number
}

const encoder = new TextEncoder()

/** Each way a token can be bad, as a change to a good one. Returns the token when it is not simply signed. */
const breakages = {
  expired: ({ claims, nowSeconds }) =>
    void Object.assign(claims, { iat: nowSeconds - 7200, exp: nowSeconds - 3600 }),
  'not-yet-valid': ({ claims, nowSeconds }) => void Object.assign(claims, { nbf: nowSeconds + 3600 }),
  'issued-in-the-future': ({ claims, nowSeconds }) =>
    void Object.assign(claims, { iat: nowSeconds + 3600, exp: nowSeconds + 7200 }),
  'wrong-issuer': ({ claims }) => void Object.assign(claims, { iss: 'https://issuer.invalid/' }),
  'wrong-audience': ({ claims }) => void Object.assign(claims, { aud: 'https://other-api.invalid' }),
  'missing-issuer': ({ claims }) => void delete claims['iss'],
  'missing-audience': ({ claims }) => void delete claims['aud'],
  'missing-subject': ({ claims }) => void delete claims['sub'],
  'missing-expiry': ({ claims }) => void delete claims['exp'],
  'unknown-key': ({ header }) => void Object.assign(header, { kid: 'no-such-key' }),
  'missing-key-id': ({ header }) => void delete header['kid'],
  'unknown-extension': ({ header }) =>
    void Object.assign(header, { crit: ['urn:test:unknown'], 'urn:test:unknown': true }),
  'wrong-type': ({ header }) => void Object.assign(header, { typ: 'logout+jwt' }),
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
} satisfies Record<string, (draft: Draft) => string | void | Promise<string>>

/** What can be wrong with a token. Every one of them must be refused with 401. */
export type Fault = keyof typeof breakages

export const faults = Object.keys(breakages) as Fault[]

/** Signs the draft, broken in this way where one is asked for. */
export async function mint(draft: Draft, fault: Fault | undefined): Promise<string> {
  if (fault === undefined) return sign(draft)
  const breakage: (draft: Draft) => string | void | Promise<string> = breakages[fault]
  return (await breakage(draft)) ?? sign(draft)
}

async function sign({ header, claims, key }: Draft): Promise<string> {
  const payload = encoder.encode(JSON.stringify(claims))
  const { crit } = header
  const understood = Array.isArray(crit) ? Object.fromEntries(crit.map((name: string) => [name, true])) : {}
  return new CompactSign(payload).setProtectedHeader(header).sign(key, { crit: understood })
}
