/** Requests to a server, each with a time limit. All of them must succeed. */
import autocannon, { type Client } from 'autocannon'
import { within } from '../process.ts'

export const connections = 16
const requestSeconds = 10
const loadSeconds = 120

export interface Load {
  /** Sends so many requests, a multiple of {@link connections}. @throws when one is refused, fails or is late */
  send(count: number): Promise<void>
}

export function getting(url: string): Load {
  return { send: (count) => run({ url, method: 'GET' }, count) }
}

const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** @param bodies are sent in turn */
export function posting(url: string, ...bodies: readonly Record<string, string>[]): Load {
  const texts = bodies.map(encode)
  let next = 0
  const path = new URL(url).pathname
  const setupClient = (client: Client) =>
    client.setRequests([
      {
        method: 'POST',
        path,
        headers: form,
        setupRequest: (request) => ({ ...request, body: texts[next++ % texts.length] ?? '' }),
      },
    ])
  return { send: (count) => run({ url, method: 'POST', setupClient }, count) }
}

/** Each connection exchanges the refresh token that it received last. @param tokens one for each connection */
export function refreshing(url: string, clientId: string, tokens: readonly string[]): Load {
  const latest = [...tokens]
  const path = new URL(url).pathname
  return {
    async send(count) {
      let next = 0
      const setupClient = (client: Client) => {
        const chain = next++
        const bodyOf = () =>
          encode({ grant_type: 'refresh_token', client_id: clientId, refresh_token: latest[chain] ?? '' })
        client.setRequests([
          {
            method: 'POST',
            path,
            headers: form,
            setupRequest: (request) => ({ ...request, body: bodyOf() }),
            onResponse: (_status, body) => {
              latest[chain] = refreshTokenOf(body)
            },
          },
        ])
      }
      await run({ url, method: 'POST', setupClient }, count)
    },
  }
}

function refreshTokenOf(body: string): string {
  const { refresh_token: token } = JSON.parse(body)
  if (typeof token !== 'string') throw new Error(`There is no refresh token in ${body.slice(0, 300)}`)
  return token
}

const encode = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

async function run(options: autocannon.Options, count: number): Promise<void> {
  const limits = { connections, amount: count, timeout: requestSeconds, bailout: 1 }
  const result = await within(loadSeconds, options.url, autocannon({ ...options, ...limits }))
  const { non2xx, errors, '2xx': succeeded } = result
  if (succeeded !== count)
    throw new Error(`${options.url}: of ${count} requests ${non2xx} were refused and ${errors} failed`)
}
