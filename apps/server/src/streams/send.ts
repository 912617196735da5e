import { importJWK, type JWK, SignJWT } from 'jose'
import { randomSecret, sha256 } from '../crypto/secrets.ts'
import type { LogRecord } from '../logs/store.ts'
import { logToWire } from '../logs/wire.ts'
import { observed } from '../telemetry/operations.ts'
import type { Sink } from './streams.ts'

/** A receiver that does not answer holds its own stream up, and for no longer. */
const timeoutMs = 10_000
const signatureSeconds = 300

export interface Signer {
  issuer: string
  clock: () => number
  key: () => { kid: string; alg: string; privateJwk: JWK }
}

/**
 * Why a delivery failed. `isRefusal`: the receiver answered that it does not take these entries. Everything else concerns
 * the receiver as a whole: it is away, busy, or refuses the credentials.
 */
export interface SendFailure {
  reason: string
  isRefusal: boolean
}

/** Sends entries to a webhook. @returns undefined when it took them */
export async function send(
  streamId: string,
  sink: Sink,
  records: readonly LogRecord[],
  signer: Signer,
  stop: AbortSignal,
): Promise<SendFailure | undefined> {
  const body = bodyOf(sink, records)
  try {
    await observed('log_stream.send', async () =>
      post(sink, body, await signatureOf(streamId, body, signer), stop),
    )
    return undefined
  } catch (error) {
    return { reason: reasonOf(error), isRefusal: error instanceof StatusError && refusals.has(error.status) }
  }
}

class StatusError extends Error {
  override name = 'StatusError'
  readonly status: number

  constructor(status: number) {
    super(`The receiver answered ${status}`)
    this.status = status
  }
}

/** Bad request, content too large, unsupported media type, unprocessable content. */
const refusals = new Set([400, 413, 415, 422])

/** @throws {StatusError} for an answer that is no success */
async function post(
  { url, contentType, authorization }: Sink,
  body: string,
  signature: string,
  stop: AbortSignal,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    // The address was checked when it was stored, the target of a redirect was not.
    redirect: 'manual',
    headers: {
      'content-type': contentType,
      'user-agent': 'Rolecall',
      'rolecall-signature': signature,
      ...(authorization !== undefined && { authorization }),
    },
    body,
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), stop]),
  })
  await response.body?.cancel()
  if (!response.ok) throw new StatusError(response.status)
}

function bodyOf({ format }: Sink, records: readonly LogRecord[]): string {
  const items = records.map((record) => ({ log_id: record.logId, data: logToWire(record) }))
  if (format === 'JSONLINES') return items.map((item) => `${JSON.stringify(item)}\n`).join('')
  return JSON.stringify(format === 'JSONOBJECT' ? items[0] : items)
}

/**
 * A JWT by the key that signs tokens, so that receivers verify it with the published keys and share no secret. Its type
 * and audience are those of no access token: a receiver cannot use it at an API.
 */
async function signatureOf(streamId: string, body: string, { issuer, clock, key }: Signer): Promise<string> {
  const { kid, alg, privateJwk } = key()
  const issuedAt = Math.floor(clock() / 1000)
  return new SignJWT({ body_sha256: sha256(body) })
    .setProtectedHeader({ alg, kid, typ: 'log-stream+jwt' })
    .setIssuer(issuer)
    .setAudience(`urn:rolecall:log-stream:${streamId}`)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + signatureSeconds)
    .setJti(randomSecret())
    .sign(await importJWK(privateJwk, alg))
}

/** Node's fetch fails with a message that says nothing, and the reason as its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const message = cause instanceof Error ? cause.message : String(cause)
  return message.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300)
}
