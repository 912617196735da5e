import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { InstallError, install, isInstalled, root } from '../install.js'
import type { Addresses } from './addresses.ts'
import { buildIfStale, type WebPart } from './build.ts'
import { StartProblem } from './problem.ts'
import { type ClientServer, serveClient } from './serve-client.ts'

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
  await installClient(part.source)
  const buildOutput = await buildIfStale(part)
  const servers = { issuer: new URL(at.issuer).origin, api: at.api }
  const server = await serveClient({ port, folder: join(part.output, part.site ?? ''), servers })
  return { ...server, buildOutput }
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
