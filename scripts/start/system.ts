import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tutorial } from '../../apps/server/src/seed/tutorial.ts'
import type { Addresses } from './addresses.ts'
import { buildIfStale, dashboardPart } from './build.ts'
import { clientPart, hasOwnClientId } from './clients.ts'
import { type Credentials, writePrivately } from './credentials.ts'
import { environmentsOf } from './environments.ts'
import { requireWritableFolder, resetFolder } from './folder.ts'
import { httpsNotes } from './https.ts'
import type { Options } from './options.ts'
import { requireFreePorts } from './ports.ts'
import { prepareStore } from './prepare.ts'
import { answering, clientIdOf, ready } from './readiness.ts'
import { startClient, startWaitingClient } from './start-client.ts'
import { summary } from './summary.ts'
import { Supervisor } from './supervisor.ts'
import { audience } from './tutorial.ts'

/**
 * Runs everything until `asked` resolves.
 * @throws {StartProblem} when it cannot start or a part of it ends; then nothing is left running
 */
export async function runSystem(wanted: Options, asked: Promise<unknown>): Promise<void> {
  const options = { ...wanted, ports: await requireFreePorts(wanted.ports, wanted) }
  await requireWritableFolder(options.dir)
  if (options.reset) await resetFolder(options)
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
  const building = buildIfStale(dashboardPart)
  const { credentials, setUpLink, clientId } = await prepareStore({
    env: { ...process.env, ...env.server },
    clientUrl: at.client,
    apiUrl: at.api,
    dir,
    empty,
  })
  const server = supervisor.start('server', 'apps/server/src/main.ts', env.server)
  // The API loads the keys of the server as soon as it starts.
  const startApi = async () => {
    await ready(server)
    const api = supervisor.start('api', 'samples/api/src/main.ts', env.api(credentials?.applications.api))
    await answering(api, `${at.api}${tutorial.routes.public}`)
  }
  const partWith = (id: string | undefined) => clientPart(options.client, dir, env.client(id))
  const isWaiting = clientId === undefined && !hasOwnClientId(options.client)
  const client = isWaiting
    ? startWaitingClient(options.client, partWith, ports.client, at, clientIdOf(server))
    : startClient(partWith(clientId), ports.client, at)
  await Promise.all([
    building,
    startApi(),
    client.then((started) => supervisor.onStop(() => started.close())),
  ])
  await announce(join(dir, 'lab.json'), supervisor, { at, credentials })
  const https = caFile === undefined ? [] : await httpsNotes(at.issuer, caFile)
  console.log(`\n${summary({ at, credentials, setUpLink, dir, https })}`)
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
