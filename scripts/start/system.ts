import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { serve } from '../../samples/spa-react/serve.ts'
import type { Addresses } from './addresses.ts'
import { buildIfStale, type WebPart } from './build.ts'
import { type Credentials, writePrivately } from './credentials.ts'
import { environmentsOf } from './environments.ts'
import { requireWritableFolder, resetFolder } from './folder.ts'
import type { Options } from './options.ts'
import { requireFreePorts } from './ports.ts'
import { prepareStore } from './prepare.ts'
import { answering, ready } from './readiness.ts'
import { summary } from './summary.ts'
import { Supervisor } from './supervisor.ts'
import { audience } from './tutorial.ts'
import { clientPart, dashboardPart } from './web-parts.ts'

/**
 * Runs everything until `asked` resolves.
 * @throws {StartProblem} when it cannot start or a part of it ends; then nothing is left running
 */
export async function runSystem(options: Options, asked: Promise<unknown>): Promise<void> {
  await requireFreePorts(options.ports)
  await requireWritableFolder(options.dir)
  if (options.reset) await resetFolder(options.dir)
  const logs = join(options.dir, 'logs')
  await mkdir(logs, { recursive: true })

  const supervisor = new Supervisor({ logs, verbose: options.verbose })
  const over = Promise.race([asked, supervisor.failed])
  try {
    await Promise.race([startAll(options, supervisor), over])
    await over
  } finally {
    await supervisor.stop()
  }
}

/** Resolves when everything answers. */
async function startAll(options: Options, supervisor: Supervisor): Promise<void> {
  const { dir, ports, empty } = options
  const { at, caFile, ...env } = await environmentsOf(options)
  const api = supervisor.start('api', 'samples/api/src/main.ts', env.api)
  const building = buildIfStale(dashboardPart)
  const { credentials, setUpLink } = await prepareStore({
    env: { ...process.env, ...env.server },
    clientUrl: at.client,
    dir,
    empty,
  })
  await Promise.all([
    building,
    answering(api, `${at.api}/api/messages/public`),
    ready(supervisor.start('server', 'apps/server/src/main.ts', env.server)),
    serveClient(
      clientPart(dir, env.client(credentials?.applications.spa.client_id)),
      ports.client,
      supervisor,
    ),
  ])
  await announce(join(dir, 'lab.json'), supervisor, { at, credentials })
  console.log(`\n${summary({ at, credentials, setUpLink, dir, caFile })}`)
}

async function serveClient(part: WebPart, port: number, supervisor: Supervisor): Promise<void> {
  await buildIfStale(part)
  const server = await serve({ port, folder: part.output })
  supervisor.onStop(() => server.close())
}

/** Tells scripts what is running, for as long as it does. */
async function announce(
  labFile: string,
  supervisor: Supervisor,
  { at, credentials }: { at: Addresses; credentials: Credentials | undefined },
): Promise<void> {
  supervisor.onStop(() => rm(labFile, { force: true }))
  await writePrivately(labFile, {
    issuer: at.issuer,
    audience,
    api_url: at.api,
    client_url: at.client,
    dashboard_url: at.dashboard,
    applications: credentials?.applications ?? {},
    users: credentials?.users ?? {},
  })
}
