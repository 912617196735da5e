import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createNetServer, type Server as NetServer } from 'node:net'
import { extname, join, normalize } from 'node:path'

/** Vite's names are `/assets/index-B3xYz0a1.js`, Angular's `/main-EMJ3GO6X.js`. */
const hashedName = /^\/assets\/|-[A-Z0-9]{8}\.(?:js|css)$/

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

export interface ClientServer {
  /** As the visitor writes it; with port 0 it names the port that was taken. */
  origin: string
  close(): Promise<void>
}

interface ServeOptions {
  port: number
  /** Folder of the built client. It may be built again while it is served. */
  folder: string
  /** Origins of the authorization server and the API: the page may talk to these only. */
  servers: { issuer: string; api: string }
}

/**
 * Serves a built client on both addresses of `localhost`. A path without a file gets `index.html`, since the
 * router in the browser knows it.
 * @throws when the port is taken (code `EADDRINUSE`)
 */
export async function serveClient({ port, folder, servers }: ServeOptions): Promise<ClientServer> {
  const policy = contentSecurityPolicy(servers)
  const server = createServer((request, response) => {
    answer(request, response, folder, policy).catch((cause: unknown) => {
      console.error(cause)
      response.destroy()
    })
  })
  await listen(server, port, '127.0.0.1')
  const address = server.address()
  const second = createNetServer((socket) => server.emit('connection', socket))
  try {
    await listen(second, typeof address === 'object' && address ? address.port : port, '::1')
  } catch (error) {
    // A machine may have no IPv6; a port that another program has taken there is a problem.
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && port !== 0) {
      server.close()
      throw error
    }
  }
  return {
    origin: `http://localhost:${typeof address === 'object' ? address?.port : port}`,
    async close(): Promise<void> {
      const closed = new Promise((resolve) => {
        server.close(resolve)
      })
      second.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: NetServer, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  folder: string,
  policy: string,
): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const path = requestedPath(request.url ?? '/')
  if (path === undefined) {
    response.writeHead(400).end()
    return
  }
  const hashed = hashedName.test(path)
  const file = await readIfPresent(join(folder, path))
  const body = file ?? (hashed ? undefined : await readIfPresent(join(folder, 'index.html')))
  if (body === undefined) {
    response.writeHead(404).end()
    return
  }
  const type = file === undefined ? '.html' : extname(path)
  response.writeHead(200, {
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-length': body.length,
    'content-security-policy': policy,
    'content-type': contentTypes[type] ?? 'application/octet-stream',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The path below the folder that a request asks for, free of dot segments; undefined for a malformed one. */
function requestedPath(url: string): string | undefined {
  try {
    const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname))
    return path.includes('\0') ? undefined : path
  } catch {
    return undefined
  }
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const absent: unknown[] = ['ENOENT', 'EISDIR', 'ENOTDIR']
    if (absent.includes(codeOf(error))) return undefined
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** The frame is the silent renewal of Auth0's SDK. */
function contentSecurityPolicy({ issuer, api }: ServeOptions['servers']): string {
  return [
    "default-src 'self'",
    `connect-src 'self' ${issuer} ${api}`,
    `frame-src ${issuer}`,
    `img-src 'self' data: https: ${issuer}`,
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ')
}
