import { once } from 'node:events'
import type { Server } from 'node:http'

export interface RunningApp {
  port: number
  close(): Promise<void>
}

/** Listens on a free loopback port, unless the server does already. */
export async function listening(server: Server): Promise<RunningApp> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return {
    port: address.port,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
