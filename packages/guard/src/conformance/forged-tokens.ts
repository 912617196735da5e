import { constants, createSign, generateKeyPairSync } from 'node:crypto'
import type { InvalidTokenError } from '../bearer/errors.ts'
import { claimsNow, type Forgery, forge, keys, withBytes, withEc, withHmac, withRsa } from './forge.ts'

export type Reason = InvalidTokenError['reasonCode']

/** A token that must be refused, and the code that the refusal must carry. */
export interface BadToken {
  token: string
  reasonCode: Reason
}

const empty = Buffer.alloc(0)
const ec = { alg: 'ES256', kid: 'ec' }
const spki = keys.rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const pkcs1 = keys.rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const der = keys.rsa.publicKey.export({ type: 'spki', format: 'der' })
const jwk = keys.rsa.publicKey.export({ format: 'jwk' })

/** The public key in every common format, which an attacker may try as an HMAC key. */
const publicTexts: Record<string, string | Buffer> = {
  'the SPKI PEM': spki,
  'the SPKI PEM without its last newline': spki.trimEnd(),
  'the SPKI PEM with CRLF': spki.replaceAll('\n', '\r\n'),
  'the SPKI PEM after blanks': `\n  ${spki}`,
  'the SPKI PEM after a byte order mark': `\uFEFF${spki}`,
  'the PKCS #1 PEM': pkcs1,
  'the PKCS #1 PEM after blanks': ` \r\n${pkcs1}`,
  'the DER': der,
  'the JWK': JSON.stringify(jwk),
  'the modulus': Buffer.from(String(jwk.n), 'base64url'),
  nothing: '',
}

type Add = (reasonCode: Reason, what: string, forgery: Forgery) => void

/** Forged tokens, each with the section that forbids it. */
export function forgedTokens(): Record<string, BadToken> {
  const tokens: Record<string, BadToken> = {}
  const add: Add = (reasonCode, what, forgery) => {
    tokens[what] = { token: forge(forgery), reasonCode }
  }
  addAlgorithms(add)
  addKeys(add)
  addEncodings(add)
  addHeaders(add)
  return tokens
}

/** Another algorithm than the one of the key. */
function addAlgorithms(add: Add): void {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', 'none ', '']) {
    add('malformed_token', `RFC 8725 §3.1: alg ${JSON.stringify(alg)} without signature`, {
      header: { alg },
      sign: withBytes(empty),
    })
    add('unaccepted_algorithm', `RFC 8725 §3.1: alg ${JSON.stringify(alg)} with one`, { header: { alg } })
  }
  for (const [what, text] of Object.entries(publicTexts))
    for (const [alg, digest] of [
      ['HS256', 'sha256'],
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
    ] as const)
      add(
        'unaccepted_algorithm',
        `RFC 8725 §3.1, CVE-2015-9235, CVE-2023-48223, CVE-2026-34950: ${alg} keyed with ${what}`,
        {
          header: { alg },
          sign: withHmac(text, digest),
        },
      )
  for (const kid of ['rsa', 'ec', 'small', 'oct', 'none'])
    add('unaccepted_algorithm', `CVE-2022-23541: HS256 naming the key ${kid}`, {
      header: { alg: 'HS256', kid },
      sign: withHmac(keys.oct),
    })
  for (const kid of ['', '../../dev/null', '__proto__', 'constructor'])
    add('malformed_token', `CVE-2025-65945: HS256, kid ${JSON.stringify(kid)}, empty signature`, {
      header: { alg: 'HS256', kid },
      sign: withBytes(empty),
    })
  add('unaccepted_algorithm', 'RFC 8725 §3.1: RS384 by the key for RS256', {
    header: { alg: 'RS384' },
    sign: withRsa(undefined, 'sha384'),
  })
  add('unaccepted_algorithm', 'RFC 8725 §3.1: RS512 by the key for RS256', {
    header: { alg: 'RS512' },
    sign: withRsa(undefined, 'sha512'),
  })
  add('unaccepted_algorithm', 'RFC 8725 §3.1: PS256 by the key for RS256', {
    header: { alg: 'PS256' },
    sign: withRsa(undefined, 'sha256', constants.RSA_PKCS1_PSS_PADDING),
  })
  add('invalid_signature', 'RFC 8725 §3.1: PSS padding under RS256', {
    sign: withRsa(undefined, 'sha256', constants.RSA_PKCS1_PSS_PADDING),
  })
}

/** Another key than one of the issuer for the algorithm. */
function addKeys(add: Add): void {
  add('unknown_key', 'RFC 8725 §3.2: a key published for RS512 used for RS256', {
    header: { kid: 'for-rs512' },
  })
  add('unknown_key', 'RFC 7517 §4.2: a key published for encryption', { header: { kid: 'for-encryption' } })
  add('unknown_key', 'RFC 7517 §4.3: a key published for wrapping', { header: { kid: 'for-wrapping' } })
  add('invalid_signature', 'RFC 8725 §3.4, CVE-2022-21449: ES256 with r = s = 0', {
    header: ec,
    sign: withBytes(Buffer.alloc(64)),
  })
  add('invalid_signature', 'RFC 7518 §3.4: ES256 signature in DER', { header: ec, sign: withEc('der') })
  add('invalid_signature', 'RFC 7518 §3.4: ES256 signature cut short', {
    header: ec,
    sign: (input) => withEc()(input).subarray(0, 63),
  })
  add('invalid_signature', 'RFC 8725 §3.4, CVE-2022-23539: 1024-bit RSA', {
    header: { kid: 'small' },
    sign: withRsa(keys.smallRsa.privateKey),
  })
  add('unknown_key', 'CVE-2022-23539: RS256 naming an EC key', { header: { kid: 'ec' } })
  add('unknown_key', 'CVE-2022-23539: RS256 naming an EC key, signed by it', {
    header: { kid: 'ec' },
    sign: withEc('der'),
  })
  add('unknown_key', 'ES256 naming an RSA key', { header: { alg: 'ES256', kid: 'rsa' }, sign: withEc() })
  add('invalid_signature', 'RFC 8725 §3.4: a DSA signature under RS256', { sign: dsaSignature })
  add('invalid_signature', 'signed by a stranger', { sign: withRsa(keys.foreignRsa.privateKey) })
  add('invalid_signature', 'CVE-2018-0114, RFC 8725 §3.10: a key brought along in jwk', {
    header: { jwk: keys.foreignRsa.publicKey.export({ format: 'jwk' }) },
    sign: withRsa(keys.foreignRsa.privateKey),
  })
  for (const member of ['jku', 'x5u'])
    add('unknown_key', `RFC 8725 §3.10: a key to be fetched from ${member}`, {
      header: { [member]: 'https://attacker.invalid/keys', kid: 'attacker' },
      sign: withRsa(keys.foreignRsa.privateKey),
    })
  add('invalid_signature', 'RFC 8725 §3.10: a certificate brought along in x5c', {
    header: { x5c: [der.toString('base64')] },
    sign: withRsa(keys.foreignRsa.privateKey),
  })
  for (const kid of [
    "' OR 1=1 --",
    '../../etc/passwd',
    'a\r\nX: y',
    '__proto__',
    'constructor',
    '',
    'x'.repeat(5000),
    1,
    null,
    ['rsa'],
    { rsa: 1 },
    true,
  ])
    add(
      typeof kid === 'string' ? 'unknown_key' : 'invalid_key_id',
      `RFC 8725 §3.10: kid ${JSON.stringify(kid).slice(0, 30)}`,
      { header: { kid } },
    )
  add('unknown_key', 'no kid', { header: { kid: undefined } })
}

/** Headers and claims that are not the UTF-8 text of a JSON object. */
function addEncodings(add: Add): void {
  add('malformed_token', 'RFC 8725 §3.7: invalid UTF-8 in the header', {
    header: Buffer.concat([
      Buffer.from('{"alg":"RS256","kid":"rsa","x":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]),
  })
  add('malformed_claims', 'RFC 8725 §3.7: invalid UTF-8 in the claims', {
    claims: Buffer.concat([
      Buffer.from(JSON.stringify(claimsNow()).slice(0, -1)),
      Buffer.from(',"x":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]),
  })
  add('malformed_claims', 'RFC 8725 §3.7: UTF-16 claims', {
    claims: Buffer.from(JSON.stringify(claimsNow()), 'utf16le'),
  })
  add('malformed_claims', 'a byte order mark before the claims', {
    claims: Buffer.from(`\uFEFF${JSON.stringify(claimsNow())}`),
  })
  for (const text of ['null', '[]', '"text"', '1', 'true', '', '{', '[{}]', '{"a":1}}', '['.repeat(5000)])
    add(
      text === '' ? 'malformed_token' : 'malformed_claims',
      `RFC 7519 §7.2: claims ${text.slice(0, 12) || '(empty)'}`,
      { claims: Buffer.from(text) },
    )
  for (const text of [
    'null',
    '[]',
    '"RS256"',
    '{',
    '{}',
    '{"alg":["RS256"],"kid":"rsa"}',
    '{"alg":{"RS256":1}}',
    '{"alg":null}',
  ])
    add(
      /^\{.*\}$/.test(text) ? 'unaccepted_algorithm' : 'malformed_token',
      `RFC 7515 §4.1.1: header ${text}`,
      { header: Buffer.from(text) },
    )
  add('malformed_claims', 'RFC 8725 §3.3: a JWT within the JWT', {
    header: { cty: 'JWT' },
    claims: Buffer.from(forge()),
  })
}

/** Types and extensions of other kinds of token. */
function addHeaders(add: Add): void {
  for (const typ of [
    'logout+jwt',
    'dpop+jwt',
    'secevent+jwt',
    'oauth-authz-req+jwt',
    'token-introspection+jwt',
    'id_token',
    '',
    1,
    null,
    ['at+jwt'],
    'at+jwt ',
    'JWT\u0000',
  ])
    add('wrong_type', `RFC 8725 §3.11: typ ${JSON.stringify(typ)}`, { header: { typ } })
  for (const crit of [['urn:unknown'], [], 'exp', null, {}, ['exp'], ['b64'], [1], 1, true])
    add('unsupported_extension', `RFC 7515 §4.1.11, CVE-2026-35042: crit ${JSON.stringify(crit)}`, {
      header: { crit, 'urn:unknown': 1, exp: 1, b64: true },
    })
  add('unsupported_extension', 'RFC 7797 §7: b64 false', { header: { crit: ['b64'], b64: false } })
}

function dsaSignature(input: string): Buffer {
  const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 })
  return createSign('sha256').update(input).sign(privateKey)
}
