import { isJsonObject } from './json.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface RemoteKeysOptions {
  /** Where the keys are. Without it, the issuer's discovery document says so. */
  jwksUri: string | undefined
  issuer: string
  timeoutMs: number
  fetch: Fetch
}

/** More than any issuer publishes; what is longer is not read to its end. */
const longestDocumentBytes = 1_048_576

/** Loads an issuer's keys over HTTP, from a known address or by OpenID Connect Discovery 1.0 §4. */
export function remoteKeys(options: RemoteKeysOptions): () => Promise<unknown> {
  let discovered: string | undefined
  return async () => {
    const signal = AbortSignal.timeout(options.timeoutMs)
    const load = (url: string) => loadJson(url, options.fetch, signal)
    discovered ??= options.jwksUri ?? (await discoverJwksUri(options.issuer, load))
    try {
      return await load(discovered)
    } catch (failure) {
      // Asked again next time: the keys may have moved.
      discovered = undefined
      throw failure
    }
  }
}

async function discoverJwksUri(issuer: string, load: (url: string) => Promise<unknown>): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const document = await load(url)
  if (!isJsonObject(document)) throw new Error(`${url} is no JSON object`)
  // §4.3: must be identical, or the document may describe somebody else.
  if (document['issuer'] !== issuer)
    throw new Error(
      `${url} names the issuer ${JSON.stringify(document['issuer'])}, configured is ${JSON.stringify(issuer)}`,
    )
  const jwksUri = document['jwks_uri']
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) throw new Error(`${url} names no jwks_uri`)
  if (new URL(issuer).protocol === 'https:' && new URL(jwksUri).protocol !== 'https:')
    throw new Error(`${url} names a jwks_uri without https`)
  return jwksUri
}

async function loadJson(url: string, fetch: Fetch, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { headers: { accept: 'application/json' }, redirect: 'error', signal })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${url} answered ${response.status}`)
  }
  return JSON.parse(await boundedText(response, url))
}

async function boundedText(response: Response, url: string): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > longestDocumentBytes) throw new Error(`${url} is longer than ${longestDocumentBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
