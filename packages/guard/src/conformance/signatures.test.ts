import assert from 'node:assert/strict'
import { constants, createHash, privateEncrypt } from 'node:crypto'
import { describe, test } from 'node:test'
import { createGuard, InvalidTokenError } from '../index.ts'
import { audience, claimsNow, forge, issuer, jwks, keys, withBytes, withEc, withHmac } from './forge.ts'

/*
 * Signatures that are nearly right, after the classes of Project Wycheproof's vectors (wycheproof.test.ts has those
 * themselves), over claims that are right: nothing but the signature can be why a token is refused. Each class has a
 * valid counterpart.
 */

const guard = createGuard({ issuer, audience, keys: jwks, algorithms: ['RS256', 'ES256'] })
const ec = { alg: 'ES256', kid: 'ec' }

/** DigestInfo of SHA-256 (RFC 8017 §9.2 note 1), without the digest. */
const digestInfo = '3031300d060960864801650304020105000420'
const modulusBytes = 256

interface Block {
  start?: string
  padding?: (length: number) => Buffer
  separator?: string
  info?: string
  digest?: (input: string) => Buffer
  trailer?: Buffer
}

/** An RSASSA-PKCS1-v1_5 signature over an encoded message that may differ from RFC 8017 §9.2 in any part. */
function withBlock(block: Block) {
  return (input: string): Buffer => {
    const { start = '0001', separator = '00', info = digestInfo, trailer = Buffer.alloc(0) } = block
    const digest = (block.digest ?? sha('sha256'))(input)
    const parts = [
      Buffer.from(start, 'hex'),
      Buffer.from(separator, 'hex'),
      Buffer.from(info, 'hex'),
      digest,
      trailer,
    ]
    const length = modulusBytes - parts.reduce((sum, part) => sum + part.length, 0)
    const padding = (block.padding ?? ((count) => Buffer.alloc(count, 0xff)))(length)
    const [head = Buffer.alloc(0), ...rest] = parts
    const message = Buffer.concat([head, padding, ...rest])
    return privateEncrypt({ key: keys.rsa.privateKey, padding: constants.RSA_NO_PADDING }, message)
  }
}

function sha(name: string) {
  return (input: string): Buffer => createHash(name).update(input).digest()
}

/** The block as few as eight padding bytes leave it, the rest put somewhere it does not belong (Bleichenbacher 2006). */
const shortPadding = (count: number) => Buffer.alloc(Math.min(count, 8), 0xff)
const leftOver = modulusBytes - 2 - 8 - 1 - digestInfo.length / 2 - 32

const rs256: Record<string, Block> = {
  'block type 0': { start: '0000' },
  'block type 2': { start: '0002' },
  'no leading zero': { start: '0101' },
  'padding of zeros': { padding: (count) => Buffer.alloc(count) },
  'padding with one wrong byte': { padding: (count) => Buffer.alloc(count, 0xff).fill(0xfe, count - 1) },
  'padding whose first byte is wrong': { padding: (count) => Buffer.alloc(count, 0xff).fill(0x00, 0, 1) },
  'no separator': { separator: '' },
  'another separator': { separator: '01' },
  'eight bytes of padding, garbage after the digest': {
    padding: shortPadding,
    trailer: Buffer.alloc(leftOver, 0x5a),
  },
  'eight bytes of padding, zeros after the digest': {
    padding: shortPadding,
    trailer: Buffer.alloc(leftOver),
  },
  'one byte after the digest': { trailer: Buffer.from([0]) },
  'no parameters in the algorithm': { info: '302f300b06096086480165030402010420' },
  'parameters that are not NULL': { info: '3031300d060960864801650304020104000420' },
  'a long form of length in the outer sequence': { info: '308131300d060960864801650304020105000420' },
  'a long form of length in the inner sequence': { info: '303230810d060960864801650304020105000420' },
  'a long form of length of the digest': { info: '3032300d06096086480165030402010500048120' },
  'an indefinite length': { info: '3080300d060960864801650304020105000420', trailer: Buffer.alloc(2) },
  'a wrong outer length': { info: '3030300d060960864801650304020105000420' },
  'a wrong inner length': { info: '3031300c060960864801650304020105000420' },
  'a wrong digest length': { info: '3031300d06096086480165030402010500041f' },
  'a set for a sequence': { info: '3131300d060960864801650304020105000420' },
  'the identifier of SHA-384': { info: '3031300d060960864801650304020205000420' },
  'the identifier of SHA-1': { info: '3021300906052b0e03021a05000414' },
  'SHA-1 as it would be right': { info: '3021300906052b0e03021a05000414', digest: sha('sha1') },
  'SHA-512 as it would be right': { info: '3051300d060960864801650304020305000440', digest: sha('sha512') },
  'MD5 as it would be right': { info: '3020300c06082a864886f70d020505000410', digest: sha('md5') },
  'no DigestInfo': { info: '' },
  'a digest of something else': { digest: () => sha('sha256')('something else') },
  'a digest of nothing': { digest: () => Buffer.alloc(32) },
}

/** The order of P-256 (SEC 2 §2.4.2). */
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
const field = BigInt('0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff')

function pair(r: bigint, s: bigint): Buffer {
  return Buffer.from(r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0'), 'hex')
}

const edges: Record<string, bigint> = {
  '0': 0n,
  '1': 1n,
  'n - 1': order - 1n,
  n: order,
  'n + 1': order + 1n,
  p: field,
  'p + 1': field + 1n,
  'all ones': 2n ** 256n - 1n,
}

function halves(input: string): { r: bigint; s: bigint; bytes: Buffer } {
  const bytes = withEc()(input)
  return {
    r: BigInt(`0x${bytes.toString('hex', 0, 32)}`),
    s: BigInt(`0x${bytes.toString('hex', 32)}`),
    bytes,
  }
}

const es256: Record<string, (right: ReturnType<typeof halves>, input: string) => Buffer> = {
  'r and s in each other’s place': ({ r, s }) => pair(s, r),
  'r without s': ({ bytes }) => bytes.subarray(0, 32),
  'a byte too many': ({ bytes }) => Buffer.concat([bytes, Buffer.alloc(1)]),
  'a zero before it': ({ bytes }) => Buffer.concat([Buffer.alloc(1), bytes]),
  'a zero before each half': ({ bytes }) => spread(bytes, 1),
  'halves of 48 bytes, as for P-384': ({ bytes }) => spread(bytes, 16),
  twice: ({ bytes }) => Buffer.concat([bytes, bytes]),
  DER: (_right, input) => withEc('der')(input),
  'one bit of r changed': ({ r, s }) => pair(r ^ 1n, s),
  'one bit of s changed': ({ r, s }) => pair(r, s ^ 1n),
  'an HMAC under the public key': (_right, input) =>
    withHmac(keys.ec.publicKey.export({ type: 'spki', format: 'der' }))(input),
}
for (const [what, edge] of Object.entries(edges)) {
  es256[`r = ${what}`] = ({ s }) => pair(edge, s)
  es256[`s = ${what}`] = ({ r }) => pair(r, edge)
  for (const [other, s] of Object.entries(edges)) es256[`r = ${what}, s = ${other}`] = () => pair(edge, s)
}

/** Both halves with zeros before each. */
function spread(bytes: Buffer, zeros: number): Buffer {
  const gap = Buffer.alloc(zeros)
  return Buffer.concat([gap, bytes.subarray(0, 32), gap, bytes.subarray(32)])
}

describe('RS256 signatures that are nearly right', () => {
  test('the one that is right', async () => {
    assert.equal((await guard.verify(forge({ sign: withBlock({}) }))).sub, 'user-1')
  })
  for (const [what, block] of Object.entries(rs256))
    test(what, () => assert.rejects(guard.verify(forge({ sign: withBlock(block) })), InvalidTokenError))
  for (const [what, bytes] of Object.entries({
    empty: 0,
    'one byte': 1,
    'a byte short': 255,
    'a byte long': 257,
  }))
    test(`a signature that is ${what}`, () =>
      assert.rejects(guard.verify(forge({ sign: withBytes(Buffer.alloc(bytes, 1)) })), InvalidTokenError))
})

describe('ES256 signatures that are nearly right', () => {
  test('the one that is right, and its mirror, which ECDSA allows', async () => {
    const mirror = (input: string) => {
      const { r, s } = halves(input)
      return pair(r, order - s)
    }
    for (const sign of [withEc(), mirror])
      assert.deepEqual((await guard.verify(forge({ header: ec, claims: claimsNow(), sign }))).sub, 'user-1')
  })
  test(`${Object.keys(es256).length} that are not`, async () => {
    for (const [what, change] of Object.entries(es256))
      await assert.rejects(
        guard.verify(forge({ header: ec, sign: (input) => change(halves(input), input) })),
        InvalidTokenError,
        what,
      )
  })
})
