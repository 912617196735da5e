import { z } from 'zod'
import { CommandError } from '../errors.ts'
import { fetchJson, type JsonResponse } from '../session/endpoints.ts'
import type { Tokens } from '../session/profiles.ts'
import type { Terminal } from '../terminal.ts'

/** An answer of the Management API that is no success. */
export class ManagementError extends CommandError {
  override name = 'ManagementError'
  readonly status: number
  /** What the server says. */
  readonly reason: string
  /** `errorCode` of the answer, such as `inexistent_role`. */
  readonly code: string | undefined

  constructor(request: string, status: number, message: string, code: string | undefined) {
    super(`${request}: ${message} (status ${status})`)
    this.status = status
    this.reason = message
    this.code = code
  }
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
type Query = Record<string, string | number | undefined>

const errorBody = z.object({
  message: z.union([z.string(), z.array(z.string())]).optional(),
  errorCode: z.string().optional(),
})

const withTotal = z.looseObject({ total: z.number() })

const pageSize = 100
const earlyMs = 60_000
const maxAttempts = 6
/** Auth0 limits requests by the second or by the minute. */
const maxWaitMs = 60_000

/** The Management API of a tenant: Rolecall's, or Auth0's. */
export class Management {
  /** With its trailing slash. */
  readonly issuer: string
  /** The application that the command authenticates as, or that a person logged in with. */
  readonly clientId: string
  readonly #newToken: () => Promise<Tokens>
  readonly #terminal: Pick<Terminal, 'note' | 'wait'>
  #tokens: Promise<Tokens> | undefined

  constructor(options: {
    issuer: string
    clientId: string
    token: () => Promise<Tokens>
    terminal: Pick<Terminal, 'note' | 'wait'>
  }) {
    this.issuer = options.issuer
    this.clientId = options.clientId
    this.#newToken = options.token
    this.#terminal = options.terminal
  }

  /** The access token that the next request is sent with. */
  async accessToken(): Promise<string> {
    this.#tokens ??= this.#newToken()
    const tokens = await this.#tokens
    if (tokens.expiresAt - earlyMs > Date.now()) return tokens.accessToken
    this.#tokens = this.#newToken()
    return (await this.#tokens).accessToken
  }

  /**
   * Reads an object.
   * @param path below `/api/v2`, such as `/roles/rol_1`
   * @throws ManagementError
   */
  async get<S extends z.ZodType>(path: string, schema: S, query: Query = {}): Promise<z.output<S>> {
    return this.#parse(`GET ${path}`, schema, await this.send('GET', path, { query }))
  }

  /** Sends a body and reads the answer. @throws ManagementError */
  async post<S extends z.ZodType>(path: string, schema: S, body: unknown): Promise<z.output<S>> {
    return this.#parse(`POST ${path}`, schema, await this.send('POST', path, { body }))
  }

  /**
   * Reads every page of a list.
   * @param name of the member that has the items, such as `roles`
   */
  async list<S extends z.ZodType>(
    path: string,
    name: string,
    item: S,
    query: Query = {},
  ): Promise<z.output<S>[]> {
    const items: z.output<S>[] = []
    for (let page = 0; ; page++) {
      const asked = { ...query, page, per_page: pageSize, include_totals: 'true' }
      const body = await this.send('GET', path, { query: asked })
      const request = `GET ${path}`
      const { total, [name]: rest } = this.#parse(request, withTotal, body)
      const part = this.#parse(request, z.array(item), rest)
      items.push(...part)
      if (part.length < pageSize || items.length >= total) return items
    }
  }

  /**
   * Sends a request, and again when the server says that there were too many.
   * @returns the body of the answer; undefined without one
   * @throws ManagementError
   */
  async send(
    method: Method,
    path: string,
    { query = {}, body }: { query?: Query; body?: unknown } = {},
  ): Promise<unknown> {
    const url = this.#address(path, query)
    // A preview changes nothing, and a list of changes is made once.
    const isRepeatable = method === 'GET' || path.startsWith('/authorization/')
    for (let attempt = 1; ; attempt++) {
      const response = await this.#request(method, url, body, isRepeatable)
      if (response.status >= 200 && response.status < 300) return response.body
      if (response.status !== 429 || attempt === maxAttempts) throw refusal(`${method} ${path}`, response)
      const waitMs = waitFor(response.headers, attempt)
      if (waitMs > 5_000)
        this.#terminal.note(`Too many requests: waiting for ${Math.ceil(waitMs / 1_000)} seconds.`)
      await this.#terminal.wait(waitMs)
    }
  }

  #address(path: string, query: Query): URL {
    const url = new URL(`api/v2${path}`, this.issuer)
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value))
    return url
  }

  async #request(method: Method, url: URL, body: unknown, isRepeatable: boolean): Promise<JsonResponse> {
    const authorization = `Bearer ${await this.accessToken()}`
    if (body === undefined) return fetchJson(url, { method, headers: { authorization } }, isRepeatable)
    const headers = { authorization, 'content-type': 'application/json' }
    return fetchJson(url, { method, headers, body: JSON.stringify(body) }, isRepeatable)
  }

  #parse<S extends z.ZodType>(request: string, schema: S, body: unknown): z.output<S> {
    const { success, data, error } = schema.safeParse(body)
    if (success) return data
    const [issue] = error.issues
    throw new CommandError(
      `${request}: the server answers with something else: ${issue?.path.join('.')} ${issue?.message}`,
    )
  }
}

function refusal(request: string, { status, body }: JsonResponse): ManagementError {
  const { message, errorCode } = errorBody.safeParse(body).data ?? {}
  return new ManagementError(request, status, [message ?? 'no reason was given'].flat().join(', '), errorCode)
}

/** `Retry-After` in seconds, or Auth0's `X-RateLimit-Reset` in epoch seconds. */
function waitFor(headers: Headers, attempt: number): number {
  const after = Number(headers.get('retry-after') ?? Number.NaN) * 1_000
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1_000 - Date.now()
  const said = [after, reset].find((ms) => Number.isFinite(ms) && ms >= 0)
  return Math.min(said ?? 2 ** attempt * 500, maxWaitMs)
}
