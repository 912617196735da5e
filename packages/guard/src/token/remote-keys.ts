import { isJsonObject } from './json.ts'

/** The part of the `fetch` standard that the guard uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Where the keys of an issuer are, and how to fetch them. */
export interface RemoteKeysOptions {
  /** Address of the JWK Set. Default: found by discovery. */
  jwksUri: string | undefined
  issuer: string
  /** For discovery and JWK Set together. */
  timeoutMs: number
  fetch: Fetch
}

/** No issuer publishes more. Reading stops here. */
const maxDocumentBytes = 1_048_576

/** Node's codes for a certificate that no certificate authority it trusts has signed. */
const untrustedCertificateCodes: ReadonlySet<unknown> = new Set([
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

const noAddress = 'The host name has no address: correct it, or add it to the hosts file of this machine'

/** By Node's code of what went wrong. */
const remedies: ReadonlyMap<unknown, string> = new Map([
  ['ECONNREFUSED', 'Nothing listens there: start the issuer, or correct its address'],
  ['ENOTFOUND', noAddress],
  ['EAI_AGAIN', noAddress],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'The certificate is for another host name: write the issuer with a name of the certificate',
  ],
  [
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'It does not answer in https: write the issuer with http://, or serve https there',
  ],
])

/**
 * Loads an issuer's JWK Set over HTTP, from a known address or by OpenID Connect Discovery 1.0 §4. The returned function
 * rejects with an error whose message is a complete sentence: the address, the cause and, where known, the remedy.
 *
 * @example
 * ```ts
 * const fetchKeys = async () => Response.json(issuer.keys())
 * const jwksUri = 'https://issuer.test/keys'
 * const load = remoteKeys({ issuer: 'https://issuer.test/', jwksUri, timeoutMs: 3_000, fetch: fetchKeys })
 * await load() // => issuer.keys()
 * ```
 */
export function remoteKeys(options: RemoteKeysOptions): () => Promise<unknown> {
  let discovered: string | undefined
  return async () => {
    const signal = AbortSignal.timeout(options.timeoutMs)
    const load = (url: string) => loadJson(url, options, signal)
    discovered ??= options.jwksUri ?? (await discoverJwksUri(options.issuer, load))
    try {
      return await load(discovered)
    } catch (failure) {
      // Discover again next time: the keys may have moved.
      discovered = undefined
      throw failure
    }
  }
}

async function discoverJwksUri(issuer: string, load: (url: string) => Promise<unknown>): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const document = await load(url)
  if (!isJsonObject(document)) throw new Error(`${url} is not a JSON object`)
  // §4.3: must be identical, or the document may describe another issuer.
  if (document['issuer'] !== issuer)
    throw new Error(
      `${url} names the issuer ${JSON.stringify(document['issuer'])}, the guard is configured for ${JSON.stringify(issuer)}`,
    )
  const jwksUri = document['jwks_uri']
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) throw new Error(`${url} has no jwks_uri`)
  const { href, protocol } = new URL(jwksUri)
  if (new URL(issuer).protocol === 'https:' && protocol !== 'https:')
    throw new Error(`${url} has a jwks_uri without https`)
  return href
}

async function loadJson(url: string, options: RemoteKeysOptions, signal: AbortSignal): Promise<unknown> {
  const { fetch, timeoutMs } = options
  try {
    const init: RequestInit = { headers: { accept: 'application/json' }, redirect: 'error', signal }
    const response = await fetch(url, init)
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new Error(`it answered with status ${response.status}`)
    }
    return parseJson(await readText(response))
  } catch (cause) {
    throw new Error(`${url} cannot be loaded: ${explainFailure(cause, timeoutMs)}`, { cause })
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxDocumentBytes) throw new Error(`it is longer than ${maxDocumentBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own error quotes the document.
    throw new Error('it is not JSON')
  }
}

/** Why a request failed, and what the operator can do about it where that is known. */
function explainFailure(failure: unknown, timeoutMs: number): string {
  const { name, message, code } = rootCauseOf(failure)
  if (name === 'TimeoutError') return `no answer within ${timeoutMs} ms`
  if (untrustedCertificateCodes.has(code))
    return (
      `its TLS certificate is not trusted (${String(code)}). If your own certificate authority signed it, start this ` +
      `process with NODE_EXTRA_CA_CERTS=<PEM file of that authority>`
    )
  const remedy = remedies.get(code)
  return remedy === undefined ? message : `${message}. ${remedy}`
}

/** `fetch` rejects with "fetch failed"; its cause says what happened. */
function rootCauseOf(failure: unknown): { name: string; message: string; code: unknown } {
  let error = failure
  for (let depth = 0; depth < 5 && error instanceof Error; depth += 1) {
    // A host with several addresses fails once for each.
    const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
    if (!(inner instanceof Error)) break
    error = inner
  }
  if (!(error instanceof Error)) return { name: '', message: String(error), code: undefined }
  return { name: error.name, message: error.message, code: Reflect.get(error, 'code') }
}
