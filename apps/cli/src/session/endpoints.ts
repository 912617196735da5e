import { z } from 'zod'
import { CommandError, UsageError } from '../errors.ts'

/** What a command needs of the discovery document of an issuer (OpenID Connect Discovery 1.0 §3). */
const discovery = z.object({
  issuer: z.string(),
  token_endpoint: z.url(),
  authorization_endpoint: z.url(),
  device_authorization_endpoint: z.url().optional(),
  revocation_endpoint: z.url().optional(),
})
export type Endpoints = z.output<typeof discovery>

const timeoutMs = 30_000

/**
 * The issuer with its trailing slash. Credentials are sent to it, so it uses https, except on this machine.
 * @throws UsageError
 */
export function readIssuer(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`)
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username)
    throw new UsageError(`${text} is not the address of a server, such as https://login.example.com/.`)
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new UsageError(`${text} must begin with https:, because credentials are sent to it.`)
  return url.href.endsWith('/') ? url.href : `${url.href}/`
}

const isLoopback = (host: string) =>
  host === 'localhost' || host.endsWith('.localhost') || /^127(\.\d{1,3}){3}$|^\[::1\]$/.test(host)

/** @throws CommandError when nothing answers, or something else does */
export async function discover(issuer: string): Promise<Endpoints> {
  const response = await fetchJson(new URL('.well-known/openid-configuration', issuer), {})
  const found = discovery.safeParse(response.body)
  if (response.status !== 200 || !found.success)
    throw new CommandError(
      `${issuer} does not answer as an authorization server (status ${response.status}).`,
    )
  if (found.data.issuer !== issuer)
    throw new CommandError(
      `The server at ${issuer} says that its issuer is ${found.data.issuer}. Use that address.`,
    )
  return found.data
}

export interface JsonResponse {
  status: number
  headers: Headers
  /** Undefined for an empty body, and for one that is not JSON. */
  body: unknown
}

/** The server closed a connection while it was idle, and this program noticed it when it used it again. */
const closedErrors = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

/**
 * @param isRepeatable whether the server may get the request twice: it is sent again when its connection was closed
 * @throws CommandError that says why nothing answers
 */
export async function fetchJson(
  url: URL | string,
  init: RequestInit,
  isRepeatable = init.method === undefined,
): Promise<JsonResponse> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs), ...init })
    return { status: response.status, headers: response.headers, body: parsed(await response.text()) }
  } catch (error) {
    if (isRepeatable && closedErrors.has(codeOf(error))) return fetchJson(url, init, false)
    throw new CommandError(`Nothing answers at ${new URL(url).origin}: ${causeOf(error)}`)
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const certificateErrors = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1_000} seconds.`
  const { cause } = error
  const code = codeOf(error)
  if (certificateErrors.test(code))
    return `its certificate is not trusted (${code}). Set NODE_EXTRA_CA_CERTS to the file of its authority.`
  return `${cause instanceof Error && cause.message !== '' ? cause.message : error.message}.`
}

/** The code of the system's error, such as ECONNRESET. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}

const tokenResponse = z.object({
  access_token: z.string(),
  refresh_token: z.string().optional(),
  expires_in: z.number(),
})
const errorResponse = z.object({ error: z.string(), error_description: z.string().optional() })

/** A refused token request (RFC 6749 §5.2). */
export class TokenError extends CommandError {
  override name = 'TokenError'
  readonly code: string

  constructor(code: string, description: string) {
    super(`The server refused the log-in: ${description || code}`)
    this.code = code
  }
}

/** @throws TokenError */
export async function requestToken(
  { token_endpoint: endpoint }: Endpoints,
  parameters: Record<string, string>,
  now: number = Date.now(),
) {
  const { status, body } = await fetchJson(endpoint, {
    method: 'POST',
    body: new URLSearchParams(parameters),
  })
  const found = tokenResponse.safeParse(body)
  if (status === 200 && found.success) {
    const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = found.data
    return {
      accessToken,
      ...(refreshToken !== undefined && { refreshToken }),
      expiresAt: now + seconds * 1_000,
    }
  }
  const { error, error_description: description = '' } = errorResponse.safeParse(body).data ?? {
    error: `status ${status}`,
  }
  throw new TokenError(error, description)
}
