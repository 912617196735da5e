import { generateKeyPairSync } from 'node:crypto'
import { CompactSign, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { GuardReasonCode } from '../bearer/errors.ts'
import { createTestProofKey, type ProofOptions } from '../testing/index.ts'
import { forge } from './forge.ts'

/** The key of a client, and another one. */
export const key = await createTestProofKey()
export const other = await createTestProofKey()
/** A token that is bound to the key. */
export const bound = forge({ claims: { cnf: { jkt: key.thumbprint } } })
export const nowSeconds = () => Math.floor(Date.now() / 1000)

/** A proof that must be refused, and the code that the refusal must carry. */
interface BadProof {
  reasonCode: GuardReasonCode
  proof: string
}

const payload = (proof: string) => Buffer.from(proof.split('.')[1] ?? '', 'base64url')

/** Every proof that must be refused, by what is wrong with it. */
export async function badProofs(url: string): Promise<Record<string, BadProof>> {
  const good: ProofOptions = { method: 'GET', url, token: bound }
  const of = async (reasonCode: GuardReasonCode, options: Partial<ProofOptions>, by = key) => ({
    reasonCode,
    proof: await by.proof({ ...good, ...options }),
  })
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const privateJwk = await exportJWK(privateKey)
  const publicJwk = await exportJWK(publicKey)
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  const body = payload(await key.proof(good))
  const unsigned = (header: Record<string, unknown>, signature = '') =>
    `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${body.toString('base64url')}.${signature}`
  const byHmac = (secret: string, jwk: JWK) =>
    new CompactSign(body)
      .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk })
      .sign(Buffer.from(secret.padEnd(32, '.')))
  const [head = '', , signature = ''] = (await key.proof(good)).split('.')
  return {
    garbage: { reasonCode: 'malformed_proof', proof: 'garbage' },
    'longer than 8,192 characters': await of('malformed_proof', { header: { x: 'x'.repeat(8_000) } }),
    'claims that are no object': {
      reasonCode: 'malformed_proof',
      proof: await new CompactSign(Buffer.from('[]'))
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk })
        .sign(privateKey),
    },
    'no typ': await of('wrong_proof_type', { header: { typ: undefined } }),
    'typ JWT': await of('wrong_proof_type', { header: { typ: 'JWT' } }),
    'typ at+jwt': await of('wrong_proof_type', { header: { typ: 'at+jwt' } }),
    'the access token itself': { reasonCode: 'wrong_proof_type', proof: bound },
    'alg none': {
      reasonCode: 'unaccepted_proof_algorithm',
      proof: unsigned({ alg: 'none', typ: 'dpop+jwt', jwk: publicJwk }),
    },
    'alg HS256 with a secret as jwk': {
      reasonCode: 'unaccepted_proof_algorithm',
      proof: await byHmac('secret', {
        kty: 'oct',
        k: Buffer.from('secret'.padEnd(32, '.')).toString('base64url'),
      }),
    },
    'alg HS256 with the public key as secret': {
      reasonCode: 'unaccepted_proof_algorithm',
      proof: await byHmac(JSON.stringify(publicJwk), publicJwk),
    },
    'alg RS256, which is not accepted': await of(
      'unaccepted_proof_algorithm',
      {},
      await createTestProofKey('RS256'),
    ),
    'no jwk': await of('invalid_proof_key', { header: { jwk: undefined } }),
    'jwk that is no object': await of('invalid_proof_key', { header: { jwk: 'x' } }),
    'jwk with the private key': await of('invalid_proof_key', { header: { jwk: privateJwk } }),
    'jwk of another kind': await of('invalid_proof_key', { header: { jwk: rsa } }),
    'jwk of a point that is not on the curve': await of('invalid_proof_key', {
      header: { jwk: { ...publicJwk, y: publicJwk.x } },
    }),
    'jwk of an RSA key of 16,384 bits': await of('invalid_proof_key', {
      header: { jwk: { kty: 'RSA', e: 'AQAB', n: 'a'.repeat(2_731) } },
    }),
    'jwk of another key than that of the signature': await of('invalid_proof_signature', {
      header: { jwk: publicJwk },
    }),
    'an altered payload': {
      reasonCode: 'invalid_proof_signature',
      proof: `${head}.${payload(await other.proof(good)).toString('base64url')}.${signature}`,
    },
    'an unknown crit': {
      reasonCode: 'invalid_proof_signature',
      proof: unsigned({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk, crit: ['x'], x: 1 }, signature),
    },
    'another method': await of('wrong_proof_method', { method: 'POST' }),
    'the method in lower case': await of('wrong_proof_method', { method: 'get' }),
    'no method': await of('wrong_proof_method', { claims: { htm: undefined } }),
    'another path': await of('wrong_proof_url', { url: `${url}/more` }),
    'another host': await of('wrong_proof_url', { url: url.replace('127.0.0.1', 'localhost') }),
    'another scheme': await of('wrong_proof_url', { url: url.replace('http:', 'https:') }),
    'another port': await of('wrong_proof_url', { url: 'http://127.0.0.1:1/protected' }),
    'the path in upper case': await of('wrong_proof_url', { url: url.replace('protected', 'PROTECTED') }),
    'no address': await of('wrong_proof_url', { claims: { htu: undefined } }),
    'a relative address': await of('wrong_proof_url', { url: '/protected' }),
    'a list of addresses': await of('wrong_proof_url', { claims: { htu: [url] } }),
    'no iat': await of('malformed_proof', { claims: { iat: undefined } }),
    'iat as text': await of('malformed_proof', { claims: { iat: String(nowSeconds()) } }),
    'an old iat': await of('proof_expired', { claims: { iat: nowSeconds() - 330 } }),
    'an iat in the future': await of('proof_expired', { claims: { iat: nowSeconds() + 330 } }),
    'no jti': await of('malformed_proof', { claims: { jti: undefined } }),
    'an empty jti': await of('malformed_proof', { claims: { jti: '' } }),
    'a jti of 129 characters': await of('malformed_proof', { claims: { jti: 'x'.repeat(129) } }),
    'no ath': await of('wrong_proof_token', { claims: { ath: undefined } }),
    'ath of another token': await of('wrong_proof_token', { token: forge() }),
    'the key of somebody else': await of('wrong_proof_key', {}, other),
  }
}
