import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type AddressInfo, createServer, Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    connections: Connections
  }
}

/** The server's sockets: listens, and stops without dropping received requests. */
export interface Connections {
  /** `localhost` means both loopback addresses, as clients resolve the name to either. Port 0 takes a free one. */
  listen(host: string, port: number): Promise<void>
  readonly isDraining: boolean
  /** Calls back when the server begins to stop, for responses that have no end of their own. */
  onDrain(listener: () => void): void
  /** Stops listening, and resolves when all received requests are answered or the time is over. */
  drain(limitMs: number): Promise<void>
}

/** The operating system may have accepted connections that the server has not seen yet. */
const lastConnectionsMs = 100
/** A connection without a request for this time is closed. Closing it earlier could reset a request in transit. */
const idleMs = 250
const attempts = 5

export function manageConnections(app: FastifyInstance): void {
  const { server } = app
  const sockets = new Set<Socket>()
  const responses = new Set<ServerResponse>()
  const listeners: Server[] = [server]
  const drainListeners: (() => void)[] = []
  let isDraining = false
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (isDraining) response.setHeader('connection', 'close')
    responses.add(response)
    response.once('close', () => responses.delete(response))
  })

  app.decorate('connections', {
    get isDraining() {
      return isDraining
    },
    onDrain: (listener) => void drainListeners.push(listener),
    async listen(host, port) {
      if (host !== 'localhost') {
        await app.listen({ host, port })
        return
      }
      for (let attempt = 1; ; attempt++) {
        const second = await listenOnIpv6(server, port)
        try {
          await app.listen({ host: '127.0.0.1', port: second ? portOf(second) : port })
          if (second) listeners.push(second)
          return
        } catch (error) {
          second?.close()
          // A free port of ::1 may be taken on 127.0.0.1.
          if (port !== 0 || !isInUse(error) || attempt === attempts) throw error
        }
      }
    },
    async drain(limitMs) {
      const deadline = performance.now() + limitMs
      isDraining = true
      for (const listener of drainListeners) listener()
      for (const response of responses) if (!response.headersSent) response.setHeader('connection', 'close')
      await sleep(lastConnectionsMs)
      // close() of http.Server would also close idle connections at once and stop checking for overdue requests.
      for (const listener of listeners) Server.prototype.close.call(listener)
      while (sockets.size > 0 && performance.now() < deadline) {
        await sleep(Math.min(idleMs, deadline - performance.now()))
        server.closeIdleConnections()
      }
      server.closeAllConnections()
    },
  } satisfies Connections)
}

/** Hands connections to ::1 to the server. Undefined where the machine has no such address. */
async function listenOnIpv6(server: Server, port: number): Promise<Server | undefined> {
  const second = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    server.emit('connection', socket)
  })
  try {
    await once(second.listen(port, '::1'), 'listening')
    return second
  } catch (error) {
    if (isInUse(error)) throw error
    return undefined
  }
}

function portOf(server: Server): number {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port.
  return (server.address() as AddressInfo).port
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
