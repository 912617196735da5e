import { lookup as resolve } from 'node:dns'
import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Requests to hosts that a setting of the tenant names. A caller who may change the setting must not reach the network of the
 * server with it (SSRF, ASVS 5.0 1.3.6), so they go by https to public addresses only.
 */

export interface OutboundRequest {
  method: 'GET' | 'POST'
  /** https. */
  url: string
  headers?: Record<string, string>
  body?: string
  /** Ends the request. */
  signal: AbortSignal
}

export interface OutboundResponse {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** The request was not sent, or got no response. The message is for an administrator. */
export class OutboundError extends Error {
  override name = 'OutboundError'
}

const maxResponseBytes = 1_000_000

/**
 * Sends a request. Redirects are not followed.
 * @param localHosts names and addresses in the server's own network that may be reached as well
 * @throws {OutboundError}
 */
export async function sendOutbound(
  localHosts: readonly string[],
  { method, url, headers = {}, body, signal }: OutboundRequest,
): Promise<OutboundResponse> {
  const problem = problemOfAddress(localHosts, url)
  if (problem !== undefined) throw new OutboundError(problem)
  const isLocal = localHosts.includes(hostOf(url))
  const sent = httpsRequest(url, {
    method,
    agent: false,
    signal,
    headers: {
      accept: 'application/json',
      'user-agent': 'Rolecall',
      ...headers,
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    },
    ...(!isLocal && { lookup: lookUpPublic }),
  })
  // An abort after the response has begun is reported by the response, and by the request as well.
  sent.on('error', () => {})
  try {
    const response = once(sent, 'response')
    sent.end(body)
    const [message]: IncomingMessage[] = await response
    if (!message) throw new Error('the event has the response')
    return await read(message)
  } catch (error) {
    throw error instanceof OutboundError ? error : new OutboundError(reasonOf(error), { cause: error })
  }
}

/**
 * What a request would be refused for without looking the host up. For a setting, when it is saved.
 * @returns undefined when nothing is wrong with the address
 */
export function problemOfAddress(localHosts: readonly string[], url: string): string | undefined {
  const host = hostOf(url)
  if (URL.parse(url)?.protocol !== 'https:' || host === '') return 'the address is not https'
  if (localHosts.includes(host)) return undefined
  const isLocalName = host === 'localhost' || host.endsWith('.localhost')
  return isLocalName || (isIP(host) !== 0 && !isPublicAddress(host)) ? notPublic(host).message : undefined
}

/** Without the brackets of an IPv6 address, which a connection to an address does not have. */
const hostOf = (url: string): string =>
  (URL.parse(url)?.hostname ?? '').replace(/^\[(.*)\]$/, '$1').toLowerCase()

/** Whether an address is reached over the internet, and is not one of this machine or of a network around it. */
export function isPublicAddress(ip: string): boolean {
  const address = ipaddr.parse(ip)
  if (address.range() !== 'unicast') return false
  // The only range of IPv6 that is in use for this (RFC 4291 §2.4). It excludes addresses that translate to IPv4.
  return address instanceof ipaddr.IPv4 || ((address.parts[0] ?? 0) & 0xe0_00) === 0x20_00
}

/**
 * Looks a name up for the connection itself. A check before the connection could get another answer than the connection
 * does (DNS rebinding).
 */
const lookUpPublic: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '')
    const allowed = addresses.filter(({ address }) => isPublicAddress(address))
    const [first] = allowed
    if (!first) return callback(notPublic(hostname), '')
    return options.all ? callback(null, allowed) : callback(null, first.address, first.family)
  })
}

const notPublic = (host: string) =>
  new OutboundError(
    `${host} is not a public address. Hosts in the server's own network are named in OUTBOUND_LOCAL_HOSTS`,
  )

async function read(response: IncomingMessage): Promise<OutboundResponse> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > maxResponseBytes) throw new OutboundError('the response is larger than 1 MB')
    chunks.push(bytes)
  }
  const { statusCode: status = 0, headers } = response
  return { status, headers, body: Buffer.concat(chunks).toString('utf8') }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'there was no response in time'
  return error.message.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300)
}
