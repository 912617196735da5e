import { CompactEncrypt } from 'jose'
import { audience, claimsNow, forge, issuer } from './forge.ts'
import { type BadToken, forgedTokens, type Reason } from './forged-tokens.ts'

const now = Math.floor(Date.now() / 1000)

/** Correctly signed claims that are not those of an access token for this API. */
function misclaimed(): Record<string, BadToken> {
  return {
    // RFC 8725 §3.8, CVE-2025-30144
    ...withEach(
      'wrong_issuer',
      'iss',
      undefined,
      null,
      1,
      '',
      [issuer],
      [issuer, 'https://other.test/'],
      { [issuer]: 1 },
      issuer.slice(0, -1),
      `${issuer}/`,
      issuer.toUpperCase(),
      issuer.replace('https', 'http'),
      `${issuer}x`,
      `x${issuer}`,
      ` ${issuer}`,
      `${issuer}\u0000`,
      'https://issuer.test:443/',
    ),
    // RFC 8725 §3.9
    ...withEach(
      'wrong_audience',
      'aud',
      undefined,
      null,
      1,
      true,
      '',
      {},
      { [audience]: 1 },
      [],
      ['https://other.test'],
      [audience, 1],
      [[audience]],
      [audience, null],
      `${audience}/`,
      `${audience}x`,
      `x${audience}`,
      audience.slice(0, -1),
      audience.toUpperCase(),
      `${audience} https://other.test`,
      'client',
      '*',
      'x'.repeat(6000),
    ),
    // RFC 7519 §4.1.2
    ...withEach('missing_subject', 'sub', undefined, null, '', 1, true, ['user-1'], { id: 1 }),
    // RFC 7519 §4.1.4 and §2
    ...withEach(
      'missing_expiry',
      'exp',
      undefined,
      null,
      '',
      String(now + 3600),
      new Date().toISOString(),
      [now + 3600],
      {},
      true,
    ),
    ...withEach('token_expired', 'exp', 0, -1, now - 61, now - 3600, -1e308),
    ...withEach('token_not_yet_valid', 'nbf', now + 120, 1e300),
    ...withEach('token_not_yet_valid', 'iat', now + 120, 1e300),
    ...withEach('invalid_date', 'nbf', String(now - 60), null, [], true),
    ...withEach('invalid_date', 'iat', String(now - 60), null, [], true),
    // RFC 7800 §3
    ...withEach('key_bound_token', 'cnf', { jkt: 'x' }, { 'x5t#S256': 'x' }, null),
  }
}

/** A token for each value of one claim. */
function withEach(reasonCode: Reason, name: string, ...values: readonly unknown[]): Record<string, BadToken> {
  const what = (value: unknown) => `${name} ${(JSON.stringify(value) ?? 'missing').slice(0, 60)}`
  return refused(
    reasonCode,
    Object.fromEntries(values.map((value) => [what(value), forge({ claims: { [name]: value } })])),
  )
}

function refused(reasonCode: Reason, tokens: Record<string, string>): Record<string, BadToken> {
  return Object.fromEntries(Object.entries(tokens).map(([what, token]) => [what, { token, reasonCode }]))
}

/** What no parser of compact JWS may accept (RFC 7515 §7.1, RFC 4648 §3.5). */
function malformed(): Record<string, BadToken> {
  const good = forge()
  const [header = '', claims = '', signature = ''] = good.split('.')
  return {
    ...refused('malformed_token', {
      garbage: 'garbage',
      'one dot': `${header}.${claims}`,
      'no signature': `${header}.${claims}.`,
      'no header': `.${claims}.${signature}`,
      'no claims': `${header}..${signature}`,
      'dots only': '..',
      'a fourth part': `${good}.x`,
      padding: `${good}==`,
      'standard base64': `${header}.${claims}.${signature.slice(0, -4)}+/+/`,
      'two tokens': `${good},${good}`,
      'JSON serialization': JSON.stringify({ protected: header, payload: claims, signature }).replaceAll(
        ' ',
        '',
      ),
      'a signature in another spelling of the same bytes': otherSpelling(good),
    }),
    ...refused('invalid_signature', {
      'a percent sign': `${header}.${claims}.%${signature}`,
      'a comma': `${good},x`,
      'the signature of another token': `${header}.${claims}.${forge({ claims: { sub: 'user-2' } }).split('.')[2]}`,
      'claims of another token': `${header}.${Buffer.from(JSON.stringify({ ...claimsNow(), sub: 'admin' })).toString('base64url')}.${signature}`,
    }),
    ...refused('wrong_issuer', {
      'a token of 12 kB, nested 8,000 deep': forge({
        claims: Buffer.from(`{"a":${'['.repeat(4000)}${']'.repeat(4000)}}`),
      }),
    }),
    ...refused('missing_expiry', {
      'exp beyond every number': forge({
        claims: Buffer.from(JSON.stringify(claimsNow()).replace(/"exp":\d+/, '"exp":1e999')),
      }),
    }),
    ...refused('invalid_date', {
      'nbf beyond every number': forge({
        claims: Buffer.from(`{"nbf":1e999,${JSON.stringify(claimsNow()).slice(1)}`),
      }),
    }),
  }
}

/** The last character of a signature has unused bits: 342 characters encode 256 bytes and 4 bits. */
function otherSpelling(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.slice(-1)) + 1]
}

async function encrypted(): Promise<Record<string, BadToken>> {
  const plain = Buffer.from(JSON.stringify(claimsNow()))
  const secret = Buffer.alloc(32, 1)
  const direct = await new CompactEncrypt(plain)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(secret)
  const [, , iv, text, tag] = direct.split('.')
  const relabelled = (header: Record<string, unknown>) =>
    [Buffer.from(JSON.stringify(header)).toString('base64url'), 'AAAA', iv, text, tag].join('.')
  return {
    ...refused('malformed_token', {
      'RFC 8725 §3.3: a JWE': direct,
      'CVE-2021-29443: a JWE with AES-CBC': relabelled({ alg: 'RSA-OAEP', enc: 'A256CBC-HS512' }),
      'CVE-2022-36083: a JWE that wants two billion hash rounds': relabelled({
        alg: 'PBES2-HS256+A128KW',
        enc: 'A256GCM',
        p2c: 2 ** 31 - 1,
        p2s: 'AAAA',
      }),
      'RFC 8725 §3.6, CVE-2024-28176: a compressed JWE': relabelled({
        alg: 'dir',
        enc: 'A256GCM',
        zip: 'DEF',
      }),
    }),
    ...refused('unaccepted_algorithm', {
      'a JWE in three parts': [
        Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url'),
        text,
        tag,
      ].join('.'),
    }),
  }
}

/** Every bad token, by what is bad about it. */
export async function badTokens(): Promise<Record<string, BadToken>> {
  return { ...malformed(), ...(await encrypted()), ...forgedTokens(), ...misclaimed() }
}
