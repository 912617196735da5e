import { changeHeader } from '@rolecall/contract'
import type { z } from 'zod'
import { SessionEnded, toApiError, Unreachable } from './api-error.ts'

/** Where access tokens come from. */
export interface TokenSource {
  /** @throws {SessionEnded} when the session has ended */
  token: (options?: { fresh?: boolean }) => Promise<string>
}

export type Query = Record<string, string | number | boolean | undefined>

interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  query?: Query
  body?: unknown
  /** A body with a file. The browser adds the content type with its boundary. */
  form?: FormData
  /** The version that the change was made to. If another one is stored, the answer is 412 (RFC 9110 §13.1.1). */
  ifMatch?: string | undefined
  /** Ends the request. */
  signal?: AbortSignal
}

/** A resource as it was read, and the version to name when changing it. */
export interface Versioned<T> {
  value: T
  version: string | undefined
}

/** The Management API, typed: responses are parsed with the contract, refusals become an ApiError. */
export class ManagementApi {
  readonly #base: string
  readonly #source: TokenSource

  /** @param base the audience of the Management API, which is also its address */
  constructor(base: string, source: TokenSource) {
    this.#base = base
    this.#source = source
  }

  async get<S extends z.ZodType>(path: string, schema: S, query: Query = {}): Promise<z.output<S>> {
    const response = await this.#send(path, { query })
    return schema.parse(await response.json())
  }

  async getVersioned<S extends z.ZodType>(path: string, schema: S): Promise<Versioned<z.output<S>>> {
    const response = await this.#send(path, {})
    return { value: schema.parse(await response.json()), version: response.headers.get('etag') ?? undefined }
  }

  /** A change with a response body. */
  async change<S extends z.ZodType>(path: string, schema: S, call: Call): Promise<z.output<S>> {
    const response = await this.#send(path, call)
    return schema.parse(await response.json())
  }

  /** A change whose response body is not read. */
  async run(path: string, call: Call): Promise<void> {
    await this.runUndoable(path, call)
  }

  /** As `run`. @returns the log entries of the change, which an undo names */
  async runUndoable(path: string, call: Call): Promise<string[]> {
    const response = await this.#send(path, call)
    await response.body?.cancel()
    const change = response.headers.get(changeHeader)
    return change === null ? [] : [change]
  }

  async #send(path: string, call: Call): Promise<Response> {
    const first = await this.#attempt(path, call, false)
    const response = first.status === 401 ? await this.#attempt(path, call, true) : first
    if (response.status === 401) throw new SessionEnded()
    if (!response.ok) throw await toApiError(response)
    return response
  }

  async #attempt(path: string, call: Call, fresh: boolean) {
    const { method = 'GET', query = {}, body, form, ifMatch, signal } = call
    const token = await this.#source.token({ fresh })
    const url = new URL(path, this.#base)
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value))
    const init: RequestInit = {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(form && { body: form }),
      ...(signal && { signal }),
    }
    try {
      return await fetch(url, init)
    } catch (cause) {
      throw new Unreachable('The server does not answer.', { cause })
    }
  }
}

/** A path segment, such as the `auth0|…` of a user. */
export const segment = encodeURIComponent
