import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'

/** Prometheus gives up after ten seconds unless it is configured. */
const requestTimeMs = 10_000

interface Listener {
  /** Port 0 takes a free one. @returns `http://<address>:<port>/` */
  listen(host: string, port: number): Promise<string>
  close(): Promise<void>
}

/**
 * Serves metrics on a socket of their own, so that the public address never has them (ASVS 5.0 §13.4). Everyone who
 * reaches the socket may read them: they hold no data of users and no secret.
 */
export function serveMetrics(registry: Registry): Listener {
  const server = createServer({ requestTimeout: requestTimeMs }, (request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end())
  })

  async function answer({ url = '', method }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = url.split('?', 1)
    if (path !== '/metrics') response.writeHead(404).end()
    else if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end()
    else await show(response)
  }

  async function show(response: ServerResponse): Promise<void> {
    // First, because it can fail.
    const metrics = await registry.metrics()
    response.writeHead(200, { 'content-type': registry.contentType }).end(metrics)
  }

  return {
    async listen(host, port) {
      await once(server.listen(port, host), 'listening')
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port.
      const { address, family, port: taken } = server.address() as AddressInfo
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/`
    },
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
