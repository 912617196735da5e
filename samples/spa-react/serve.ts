/**
 * Serves the built client. `npm run preview` runs it; whoever starts several servers at once calls `serve`.
 * Addresses without a file of their own get `index.html`: the router in the browser knows them.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createNetServer, type Server as NetServer } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { describeProblems, parseConfiguration, parsePort } from './src/configuration.ts'

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

const builtFolder = join(import.meta.dirname, 'dist')

/** The variables that the build in `folder` carries, as they were given; undefined where there is no build. */
export async function bakedVariables(folder = builtFolder): Promise<Record<string, unknown> | undefined> {
  const record = await readIfPresent(join(folder, 'configuration.json'))
  if (record === undefined) return undefined
  const variables: unknown = JSON.parse(record.toString())
  return typeof variables === 'object' ? { ...variables } : undefined
}

/**
 * Listens on both addresses of `localhost` and serves the build in `folder`. A rebuild needs no restart.
 * @throws when the port is taken (code `EADDRINUSE`)
 */
export async function serve({ port = 4040, folder = builtFolder } = {}) {
  const server = createServer((request, response) => {
    answer(request, response, folder).catch((cause: unknown) => {
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
    /** As the visitor writes it; with port 0 this tells which one it became. */
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

async function answer(request: IncomingMessage, response: ServerResponse, folder: string): Promise<void> {
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
  const hashed = path.startsWith('/assets/')
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
    'content-security-policy': contentSecurityPolicy((await bakedVariables(folder)) ?? {}),
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

/** Only the two servers of the configuration may be talked to; the iframe is the SDK's silent renewal. */
function contentSecurityPolicy(variables: Record<string, unknown>): string {
  const parsed = parseConfiguration(variables)
  const issuer = 'configuration' in parsed ? parsed.configuration.authorizationServer : ''
  const api = 'configuration' in parsed ? new URL(parsed.configuration.apiServerUrl).origin : ''
  return [
    "default-src 'self'",
    `connect-src 'self' ${issuer} ${api}`,
    `frame-src ${issuer || "'none'"}`,
    `img-src 'self' data: https: ${issuer}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ')
}

async function main(): Promise<void> {
  const variables = await bakedVariables()
  if (variables === undefined) throw new Error('There is no built client yet: run `npm run build` first')
  const parsed = parseConfiguration(variables)
  if ('problems' in parsed) console.error(describeProblems(parsed.problems))
  const port = parsePort(process.env['PORT'])
  const server = await serve({ port }).catch((error: unknown) => {
    throw codeOf(error) === 'EADDRINUSE'
      ? new Error(`Port ${port} is in use: set PORT to listen elsewhere`)
      : error
  })
  console.log(`The client answers at ${server.origin}/`)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
