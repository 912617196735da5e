import { Agent, request as httpRequest } from 'node:http'
import type * as fc from 'fast-check'

/** A request as text. `~~kind.member~~` stands for an object that exists when the request is sent. */
export interface FuzzRequest {
  method: string
  /** Path and query, percent-encoded. */
  target: string
  headers: Record<string, string>
  body?: string | undefined
}

export interface FuzzAnswer {
  status: number
  type: string
  location: string | undefined
  text: string
}

/** Calls the Management API with all scopes. */
export type Call = (method: string, path: string, body?: unknown) => Promise<FuzzAnswer>

export type FuzzObject = Record<string, string>
/** Creates the objects of each kind. */
export type Makers = Record<string, () => Promise<FuzzObject>>

/** One route or endpoint: the requests to it, and the check of its answers. */
export interface Endpoint {
  name: string
  requests: fc.Arbitrary<FuzzRequest>
  /** @returns what is wrong with the answer, if anything */
  check: (answer: FuzzAnswer) => string | undefined
  /** The status that most requests have when nothing is wrong with them; 2xx unless stated. */
  isSuccess?: (status: number) => boolean
  /** A request uses up the objects it names, so that each needs new ones. */
  usesUp?: boolean
  /** Success is not expected: no request has what it takes. */
  neverSucceeds?: boolean
}

/** Longest time in which a request must be answered. */
const answerMs = 10_000

const agent = new Agent({ keepAlive: true, maxSockets: 4 })

/** Sends a request over a socket. @throws when there is no complete answer in time */
export function send(issuer: string, { method, target, headers, body }: FuzzRequest): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(issuer)
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const options = { agent, hostname, port, method, path: target, headers: { ...headers, ...length } }
    const outgoing = httpRequest(options, (incoming) => {
      const parts: Buffer[] = []
      incoming.on('data', (part: Buffer) => parts.push(part))
      incoming.once('error', reject)
      incoming.once('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          type: incoming.headers['content-type'] ?? '',
          location: incoming.headers.location,
          text: Buffer.concat(parts).toString(),
        }),
      )
    })
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${answerMs} ms`)), answerMs)
    outgoing.once('error', reject)
    outgoing.once('close', () => clearTimeout(timer))
    outgoing.end(body)
  })
}

/** Replaces the names of objects by those of objects that exist, as each part of the request writes them. */
export async function fillIn(
  request: FuzzRequest,
  find: (kind: string) => Promise<Record<string, string>>,
): Promise<FuzzRequest> {
  const whole = JSON.stringify(request)
  const objects = new Map<string, Record<string, string>>()
  for (const [, kind = ''] of whole.matchAll(placeholder))
    if (!objects.has(kind)) objects.set(kind, await find(kind))
  const fill = (text: string, write: (value: string) => string) =>
    text.replaceAll(placeholder, (_, kind: string, member: string) =>
      write(objects.get(kind)?.[member] ?? ''),
    )
  const isForm = request.headers['content-type']?.includes('form-urlencoded') === true
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1)
  return {
    method: request.method,
    target: fill(request.target, encodeURIComponent),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, fill(value, (text) => text)]),
    ),
    body: request.body === undefined ? undefined : fill(request.body, isForm ? encodeURIComponent : inJson),
  }
}

const placeholder = /~~(\w+)\.(\w+)~~/g

/** Percent-encodes a text as a browser would; half a surrogate pair becomes U+FFFD. */
export const encoded = (text: string) => encodeURIComponent(text.toWellFormed())
