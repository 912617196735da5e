import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'

/** A server that a test can stop, and start again on the same port. */
export async function startLoopbackServer(listener: RequestListener) {
  // Allows every origin. The tests of the real servers cover their CORS rules.
  let server = createServer()
  async function listen(port: number) {
    server = createServer((request, response) => {
      response.setHeader('access-control-allow-origin', '*')
      listener(request, response)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    const address = server.address()
    assert(address !== null && typeof address === 'object')
    return address.port
  }
  const port = await listen(0)
  return {
    origin: `http://localhost:${port}`,
    start: () => listen(port),
    async stop() {
      const closed = new Promise((resolve) => {
        server.close(resolve)
      })
      server.closeAllConnections()
      await closed
    },
  }
}
