import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { InstallError, install, isInstalled, root } from '../install.js'
import type { Addresses } from './addresses.ts'
import { buildIfStale, type WebPart } from './build.ts'
import type { ClientName } from './clients.ts'
import { StartProblem } from './problem.ts'
import { type ClientServer, serveClient } from './serve-client.ts'
import { writeWaitingPage } from './waiting-client.ts'

/**
 * Installs, builds and serves a client, each where it is still to be done.
 * @returns the server, and what the build printed
 * @throws {StartProblem}
 */
export async function startClient(
  part: WebPart,
  port: number,
  at: Addresses,
): Promise<ClientServer & { buildOutput: string }> {
  const buildOutput = await buildClient(part)
  return { ...(await serve(part, port, at)), buildOutput }
}

/** Serves a page that says what is missing, until `clientId` resolves and the client is built with it. */
export async function startWaitingClient(
  name: ClientName,
  partWith: (clientId: string | undefined) => WebPart,
  port: number,
  at: Addresses,
  clientId: Promise<string>,
): Promise<ClientServer> {
  const part = partWith(undefined)
  await writeWaitingPage(part, name, at)
  void clientId
    .then((id) => buildClient(partWith(id)))
    .then(() => console.log(`The client has its client ID now: ${at.client}`))
    .catch((error: unknown) => console.error(error instanceof StartProblem ? error.message : error))
  return serve(part, port, at)
}

/** @returns what the build printed */
async function buildClient(part: WebPart): Promise<string> {
  await installClient(part.source)
  return buildIfStale(part)
}

function serve(part: WebPart, port: number, at: Addresses): Promise<ClientServer> {
  const servers = { issuer: new URL(at.issuer).origin, api: at.api }
  return serveClient({ port, folder: join(part.output, part.site ?? ''), servers })
}

/** Clients with a lock file of their own are installed at their first start. */
async function installClient(source: string): Promise<void> {
  if (!existsSync(join(source, 'package-lock.json')) || isInstalled(source)) return
  try {
    await install(source, `the client in ${relative(root, source)}`)
  } catch (error) {
    throw error instanceof InstallError ? new StartProblem(error.message) : error
  }
}
