/** Builds the client for the given environment and serves it on a free port. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { serveClient } from '../../../scripts/start/serve-client.ts'
import { variables } from '../src/configuration.ts'

const vite = fileURLToPath(new URL('bin/vite.js', import.meta.resolve('vite/package.json')))

/** Omitted variables are empty and override a developer's `.env`. The callback URL follows the port. */
export async function startBuiltClient(environment: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-spa-'))
  const servers = {
    issuer: environment['VITE_AUTH0_DOMAIN'] ?? '',
    api: environment['VITE_API_SERVER_URL'] ?? '',
  }
  const server = await serveClient({ port: 0, folder, servers })
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [vite, 'build', '--outDir', folder],
    {
      cwd: join(import.meta.dirname, '..'),
      env: {
        ...process.env,
        ...Object.fromEntries(variables.map((variable) => [variable, ''])),
        VITE_AUTH0_CALLBACK_URL: `${server.origin}/callback`,
        ...environment,
        NO_COLOR: '1',
      },
      timeout: 60_000,
    },
  )
  return {
    origin: server.origin,
    /** What the build printed. */
    terminal: stdout + stderr,
    async stop() {
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
}
