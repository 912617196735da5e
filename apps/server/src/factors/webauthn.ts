import { createHmac } from 'node:crypto'
import { isIP } from 'node:net'
import { z } from 'zod'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import type { KeyMethod } from './store.ts'

/** Loaded at the first use: a log-in with a password needs none of it. */
const library = () => import('@simplewebauthn/server')

/** The server as browsers and security keys know it (WebAuthn §4, "Relying Party Identifier"). */
export interface RelyingParty {
  /** The host of the issuer. Keys answer for this host only. */
  id: string
  /** The origin of the pages. */
  origin: string
}

/**
 * @returns undefined where browsers refuse security keys: for an address without a name, and without https except on
 *   localhost (WebAuthn §5.1.3, step 7)
 */
export function relyingPartyOf({ issuer }: Pick<Config, 'issuer'>): RelyingParty | undefined {
  const { protocol, hostname, origin } = new URL(issuer)
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost')
  const isAddress = hostname.startsWith('[') || isIP(hostname) !== 0
  return isAddress || (protocol !== 'https:' && !isLocal) ? undefined : { id: hostname, origin }
}

/** What the page gives to `navigator.credentials`, as JSON: bytes are base64url (WebAuthn §5.1.8 to §5.1.10). */
export type CreationOptions = Awaited<
  ReturnType<typeof import('@simplewebauthn/server')['generateRegistrationOptions']>
>
export interface RequestOptions {
  challenge: string
  rpId: string
  timeout: number
  userVerification: 'required' | 'discouraged'
  allowCredentials: { type: 'public-key'; id: string; transports: string[] }[]
}

/** How long the browser waits for the person, in milliseconds (WebAuthn §15.1 recommends 5 to 10 minutes). */
const timeout = 5 * 60_000
/** EdDSA, ES256 and RS256, which all keys in use know (RFC 9053). */
const algorithms = [-8, -7, -257]

/**
 * Names the user to the key. It is shown to anyone who holds the key, so it must not tell the user's id (WebAuthn §14.6.1).
 * Users are found by the id of the credential, never by this.
 */
function userHandle({ sealer }: Pick<Context, 'sealer'>, userId: string): Uint8Array<ArrayBuffer> {
  return bytes(createHmac('sha256', sealer.derive('webauthn-user')).update(userId).digest())
}

export async function creationOptions(
  ctx: Pick<Context, 'sealer'>,
  { id }: RelyingParty,
  {
    type,
    challenge,
    tenant,
    user,
    known,
  }: {
    type: KeyMethod['type']
    challenge: string
    tenant: string
    user: { userId: string; email: string; name: string }
    /** Keys that are refused by the browser, because the user has them already. */
    known: readonly KeyMethod[]
  },
): Promise<CreationOptions> {
  const { generateRegistrationOptions } = await library()
  const isPasskey = type === 'passkey'
  return generateRegistrationOptions({
    rpName: tenant,
    rpID: id,
    userID: userHandle(ctx, user.userId),
    userName: user.email,
    userDisplayName: user.name,
    challenge: bytes(Buffer.from(challenge, 'base64url')),
    timeout,
    attestationType: 'none',
    excludeCredentials: known.map((one) => ({ id: one.credentialId, transports: one.transports })),
    authenticatorSelection: isPasskey
      ? { residentKey: 'required', userVerification: 'required' }
      : { residentKey: 'discouraged', userVerification: 'discouraged' },
    supportedAlgorithmIDs: algorithms,
    ...(!isPasskey && { preferredAuthenticatorType: 'securityKey' }),
  })
}

/** @param allowed the keys that can answer; without them, any passkey of this host */
export function requestOptions(
  { id }: RelyingParty,
  challenge: string,
  allowed: readonly KeyMethod[] = [],
): RequestOptions {
  return {
    challenge,
    rpId: id,
    timeout,
    userVerification: allowed.length === 0 ? 'required' : 'discouraged',
    allowCredentials: allowed.map(({ credentialId, transports }) => ({
      type: 'public-key',
      id: credentialId,
      transports,
    })),
  }
}

/** An answer of a key is not valid. The message is for the log, and may quote the answer. */
export class InvalidAnswerError extends Error {
  override name = 'InvalidAnswerError'

  constructor(message: string, options?: ErrorOptions) {
    super(
      message
        .replaceAll(/\p{Cc}/gu, ' ')
        .toWellFormed()
        .slice(0, 300),
      options,
    )
  }
}

const base64url = z
  .string()
  .min(1)
  .regex(/^[\w-]+$/)
const credentialId = base64url.max(1_400)
/** They are kept and sent back to browsers. Those that are registered have these letters (WebAuthn §12.4). */
const transports = z.array(z.string().regex(/^[a-z-]{1,30}$/)).max(10)
const type = z.literal('public-key')
const created = z.object({
  id: credentialId,
  type,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: transports.catch([]).default([]),
  }),
})
const clientData = z.object({ crossOrigin: z.unknown() })
const asserted = z.object({
  id: credentialId,
  type,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
  }),
})

/** Our pages are in no frame, so neither is an answer to them (WebAuthn §7.2, step 13). @throws {InvalidAnswerError} */
function refuseFramed(clientDataJSON: string): void {
  const { crossOrigin } = read(clientData, Buffer.from(clientDataJSON, 'base64url').toString())
  if (crossOrigin === true) throw new InvalidAnswerError('The answer was given in a frame')
}

/** @throws {InvalidAnswerError} */
function read<Shape extends z.ZodType>(shape: Shape, answer: string): z.output<Shape> {
  let json: unknown
  try {
    json = JSON.parse(answer)
  } catch {
    throw new InvalidAnswerError('The answer is not JSON')
  }
  const { data, success } = shape.safeParse(json)
  if (!success) throw new InvalidAnswerError('The answer is not that of a key')
  return data
}

/** The library throws for whatever is wrong in an answer. @throws {InvalidAnswerError} */
async function checked<Verified extends { verified: boolean }>(
  verification: Promise<Verified>,
): Promise<Extract<Verified, { verified: true }> | Verified> {
  const result = await verification.catch((cause: unknown) => {
    throw new InvalidAnswerError(cause instanceof Error ? cause.message : 'The answer is not valid', {
      cause,
    })
  })
  if (!result.verified) throw new InvalidAnswerError('The signature is wrong')
  return result
}

/** A new key. */
export interface NewKey extends Pick<KeyMethod, 'credentialId' | 'publicKey' | 'signCount' | 'transports'> {
  /** The model of the authenticator, zeros where it does not say (WebAuthn §6.5.1). */
  aaguid: string
}

/** Checks the answer to {@link creationOptions} (WebAuthn §7.1). @throws {InvalidAnswerError} */
export async function verifyCreated(
  { id, origin }: RelyingParty,
  answer: string,
  { challenge, isPasskey }: { challenge: string; isPasskey: boolean },
): Promise<NewKey> {
  const { response, ...credential } = read(created, answer)
  refuseFramed(response.clientDataJSON)
  const { verifyRegistrationResponse } = await library()
  const attestationObject = await withoutStatement(response.attestationObject)
  const { registrationInfo } = await checked(
    verifyRegistrationResponse({
      response: {
        ...credential,
        rawId: credential.id,
        response: { clientDataJSON: response.clientDataJSON, attestationObject },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: isPasskey,
      supportedAlgorithmIDs: algorithms,
    }),
  )
  if (registrationInfo === undefined) throw new InvalidAnswerError('The answer has no key')
  const { aaguid, credential: key } = registrationInfo
  // The browser names the credential, and so does the authenticator, whose word counts.
  if (key.id !== credential.id) throw new InvalidAnswerError('The answer names two credentials')
  return {
    aaguid,
    credentialId: key.id,
    publicKey: Buffer.from(key.publicKey).toString('base64url'),
    signCount: key.counter,
    transports: response.transports,
  }
}

/**
 * The attestation object without its statement, which this server does not ask for. To check a statement that was sent all
 * the same, the library would request lists of revoked certificates from addresses that the sender chose.
 * @throws {InvalidAnswerError}
 */
async function withoutStatement(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoCBOR } = await import('@simplewebauthn/server/helpers')
  try {
    const decoded = decodeAttestationObject(bytes(Buffer.from(attestationObject, 'base64url')))
    const none = new Map<string, string | Uint8Array | Map<never, never>>([
      ['fmt', 'none'],
      ['attStmt', new Map<never, never>()],
      ['authData', decoded.get('authData')],
    ])
    return Buffer.from(isoCBOR.encode(none)).toString('base64url')
  } catch (cause) {
    throw new InvalidAnswerError('The attestation object is not CBOR', { cause })
  }
}

/** The credential that an answer is from, before anything of it is verified. @throws {InvalidAnswerError} */
export function credentialOf(answer: string): string {
  return read(asserted, answer).id
}

/**
 * Checks the answer to {@link requestOptions} (WebAuthn §7.2), except for the counter.
 * @returns the new counter
 * @throws {InvalidAnswerError}
 */
export async function verifyAsserted(
  { id, origin }: RelyingParty,
  answer: string,
  { challenge, key, isPasskey }: { challenge: string; key: KeyMethod; isPasskey: boolean },
): Promise<number> {
  const { response, ...credential } = read(asserted, answer)
  refuseFramed(response.clientDataJSON)
  const { verifyAuthenticationResponse } = await library()
  const { authenticationInfo } = await checked(
    verifyAuthenticationResponse({
      response: { ...credential, rawId: credential.id, response, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      // The library compares the counter before it verifies the signature. `raiseCounter` compares it after that.
      credential: {
        id: key.credentialId,
        publicKey: bytes(Buffer.from(key.publicKey, 'base64url')),
        counter: 0,
      },
      requireUserVerification: isPasskey,
    }),
  )
  return authenticationInfo.newCounter
}

const bytes = (buffer: Buffer) => new Uint8Array(buffer)
