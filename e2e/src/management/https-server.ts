import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import {
  type Context,
  createApplication,
  createClientGrant,
  ensureLocalCertificates,
  findSystemApi,
  type Store,
  startServer,
  transaction,
} from '@rolecall/server/test-kit'
import { temporaryFolder } from '@rolecall/server/test-kit/store'

interface Cleanup {
  after(clean: () => Promise<void>): void
}

/** The server over https, and an application with every scope of its Management API. */
export interface HttpsServer {
  /** `localhost:<port>`, the `domain` option of Auth0's tools. */
  domain: string
  /** For `NODE_EXTRA_CA_CERTS`: the unmodified tools have no other option for a certificate authority. */
  caFile: string
  clientId: string
  clientSecret: string
  ctx: Context
  /** Runs a Node program with this server in its environment. Rejects with its output if its exit code is not 0. */
  run: (script: string, args: string[], env?: Record<string, string>) => Promise<string>
}

/** Auth0's tools support https only, so this server gets a certificate from a local authority. */
export async function startHttpsServer(
  t: Cleanup,
  kind: { open(t: Cleanup): Promise<Store> },
  { localHosts = [] }: { localHosts?: string[] } = {},
): Promise<HttpsServer> {
  const { caFile, certFile, keyFile } = await ensureLocalCertificates(await temporaryFolder(t))
  const tls = { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') }
  const port = await freePort()
  const domain = `localhost:${port}`
  const config = { issuer: `https://${domain}/`, host: 'localhost', port, tls, localHosts }
  const { ctx } = await startServer(t, kind, { config })

  const api = await findSystemApi(ctx.store.db)
  const { application, clientSecret } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: 'Management Tool',
      app_type: 'non_interactive',
    }),
  )
  if (!api || clientSecret === undefined) throw new Error('there is nothing to manage')
  const { clientId } = application
  await transaction(ctx, (tx) =>
    createClientGrant(tx, { clientId, apiId: api.id, scope: api.permissions.map(({ value }) => value) }),
  )

  return {
    domain,
    caFile,
    clientId,
    clientSecret,
    ctx,
    run: (script, args, env = {}) =>
      run(script, args, {
        NODE_EXTRA_CA_CERTS: caFile,
        AUTH0_DOMAIN: domain,
        AUTH0_CLIENT_ID: clientId,
        AUTH0_CLIENT_SECRET: clientSecret,
        ...env,
      }),
  }
}

const timeoutMs = 240_000

function run(script: string, args: string[], env: Record<string, string>): Promise<string> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) =>
      code === 0 ? resolve(output) : reject(new Error(`${script} ended with ${code ?? signal}:\n${output}`)),
    )
  })
}

/** Finds a port first, because the issuer is part of the server's configuration. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, 'localhost')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
