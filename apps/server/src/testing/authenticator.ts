import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { CreationOptions, RequestOptions } from '../factors/webauthn.ts'
import { decode, type Page } from './browser.ts'

/** What an attack changes in an answer that is right otherwise. */
export interface Forgery {
  origin?: string
  /** The host that the key believes to answer for. */
  rpId?: string
  challenge?: string
  type?: string
  crossOrigin?: boolean
  isPresent?: boolean
  isVerified?: boolean
  counter?: number
  /** In place of the credential's. */
  id?: string
  signature?: string
  attestationObject?: string
  authenticatorData?: string
  transports?: unknown
}

/** One credential of a security key or passkey, made by software (WebAuthn §6), so that a test can forge each part of an answer. */
export class SoftKey {
  readonly id: string = randomBytes(32).toString('base64url')
  readonly origin: string
  /** Of the last answer. A key without a counter stays at 0. */
  counter = 0
  /** What each answer adds to the counter. */
  step = 1
  aaguid: Buffer = Buffer.alloc(16)
  readonly #key: KeyObject
  readonly #publicKey: Buffer

  /** @param origin of the pages that the browser shows */
  constructor(origin: string) {
    this.origin = new URL(origin).origin
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#key = privateKey
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    // ES256 as a COSE key (RFC 9053 §2.1 and §7.1.1).
    this.#publicKey = cbor(
      new Map<number, number | Buffer>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]),
    )
  }

  /** The private key (PKCS #8), for a browser's virtual authenticator. */
  get pkcs8(): Buffer {
    return this.#key.export({ format: 'der', type: 'pkcs8' })
  }

  /** The answer to `navigator.credentials.create`, as the page's script sends it. */
  create({ challenge, rp }: Pick<CreationOptions, 'challenge' | 'rp'>, forgery: Forgery = {}): string {
    const id = Buffer.from(forgery.id ?? this.id, 'base64url')
    const length = Buffer.alloc(2)
    length.writeUInt16BE(id.length)
    const credential = Buffer.concat([this.aaguid, length, id, this.#publicKey])
    const authData = this.#data(
      rp.id ?? '',
      { ...forgery, counter: forgery.counter ?? this.counter },
      credential,
    )
    const attestation = new Map<string, string | Buffer | Map<never, never>>([
      ['fmt', 'none'],
      ['attStmt', new Map<never, never>()],
      ['authData', authData],
    ])
    return JSON.stringify({
      id: forgery.id ?? this.id,
      type: 'public-key',
      response: {
        clientDataJSON: this.#clientData('webauthn.create', challenge, forgery),
        attestationObject: forgery.attestationObject ?? cbor(attestation).toString('base64url'),
        transports: forgery.transports ?? ['usb'],
      },
    })
  }

  /** The answer to `navigator.credentials.get`, as the page's script sends it. */
  get({ challenge, rpId }: Pick<RequestOptions, 'challenge' | 'rpId'>, forgery: Forgery = {}): string {
    if (forgery.counter === undefined) this.counter += this.step
    const authData = this.#data(rpId, { ...forgery, counter: forgery.counter ?? this.counter })
    const clientData = this.#clientData('webauthn.get', challenge, forgery)
    const hash = createHash('sha256').update(Buffer.from(clientData, 'base64url')).digest()
    const signature = sign('sha256', Buffer.concat([authData, hash]), this.#key).toString('base64url')
    return JSON.stringify({
      id: forgery.id ?? this.id,
      type: 'public-key',
      response: {
        clientDataJSON: clientData,
        authenticatorData: forgery.authenticatorData ?? authData.toString('base64url'),
        signature: forgery.signature ?? signature,
      },
    })
  }

  #clientData(type: string, challenge: string, forgery: Forgery): string {
    const data = {
      type: forgery.type ?? type,
      challenge: forgery.challenge ?? challenge,
      origin: forgery.origin ?? this.origin,
      crossOrigin: forgery.crossOrigin ?? false,
    }
    return Buffer.from(JSON.stringify(data)).toString('base64url')
  }

  /** Authenticator data (WebAuthn §6.1). */
  #data(rpId: string, forgery: Forgery & { counter: number }, credential?: Buffer): Buffer {
    const { isPresent = true, isVerified = true, counter } = forgery
    const flags = (isPresent ? 1 : 0) | (isVerified ? 4 : 0) | (credential ? 64 : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    const host = createHash('sha256')
      .update(forgery.rpId ?? rpId)
      .digest()
    return Buffer.concat([host, Buffer.from([flags]), count, credential ?? Buffer.alloc(0)])
  }
}

/** What a page asks for: a key that exists. */
export const requestOf = (page: Page): RequestOptions => JSON.parse(optionsOf(page))

/** What a page asks for: a new key. */
export const creationOf = (page: Page): CreationOptions => JSON.parse(optionsOf(page))

function optionsOf({ text }: Page): string {
  const [, attribute] = /data-options="([^"]*)"/.exec(text) ?? []
  if (attribute === undefined) throw new Error(`no key is asked for on the page:\n${text.slice(0, 1500)}`)
  return decode(attribute)
}

type Cbor = number | string | Buffer | Map<string | number, Cbor> | Map<never, never>

/** Deterministic CBOR (RFC 8949) of what authenticators send. */
export function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  const entries = [...(value as Map<string | number, Cbor>)]
  return Buffer.concat([
    head(5, entries.length),
    ...entries.flatMap(([name, one]) => [cbor(name), cbor(one)]),
  ])
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  if (length < 256) return Buffer.from([(major << 5) | 24, length])
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255])
}
