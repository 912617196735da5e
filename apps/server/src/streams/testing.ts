import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

interface Received {
  headers: IncomingHttpHeaders
  body: string
}

/** A webhook that keeps what it is sent, and answers as it is told. */
export class Receiver {
  readonly received: Received[] = []
  /** The answer to a request. `hang`: none. */
  answer: (request: Received) => number | 'hang' | Promise<number> = () => 200
  location: string | undefined
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response)).listen(
      0,
      '127.0.0.1',
    )
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = { headers: request.headers, body: await text(request) }
    const status = await this.answer(received)
    if (status === 200 || status === 'hang') this.received.push(received)
    if (status !== 'hang') response.writeHead(status, this.location ? { location: this.location } : {}).end()
  }

  async url(): Promise<string> {
    if (!this.#server.listening) await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/logs`
  }

  /** The entries that it took, in the order of their arrival. */
  entries(): { log_id: string; data: Record<string, unknown> }[] {
    return this.received.flatMap(({ headers, body }) =>
      headers['content-type'] === 'application/x-ndjson'
        ? body
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line))
        : JSON.parse(body),
    )
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await once(this.#server.close(), 'close')
  }
}
