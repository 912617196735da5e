import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { createApi } from '../../../samples/api/src/api.ts'
import { readConfig } from '../../../samples/api/src/config.ts'
import { buildIfStale } from '../../../scripts/start/build.ts'
import { type ClientName, clientPart, isClientName } from '../../../scripts/start/clients.ts'
import { environmentsOf } from '../../../scripts/start/environments.ts'
import { readOptions } from '../../../scripts/start/options.ts'
import { startClient } from '../../../scripts/start/start-client.ts'
import { allowClientsAt } from '../journeys/management.ts'
import { freePorts, type Lab, launch, site } from '../start/launcher.ts'

/** A client that is served, with an API that its scripts may call. */
export interface RunningClient {
  name: string
  url: string
  /** What its build printed. */
  buildOutput: string
}

/** One authorization server for several clients. */
export interface Stand {
  lab: Lab
  /** Over https: the certificate authority to trust. */
  caFile: string | undefined
  /** Resolves when the client is served. */
  client(name: string): Promise<RunningClient>
  /** Starts an API that scripts of this origin may call. */
  api(clientOrigin: string): Promise<string>
  close(): Promise<void>
}

/**
 * Starts the system with the first client, as `npm start -- --client <name>` does. The other clients are installed, built
 * and served by this process with the launcher's own functions, one after the other, while the first ones are in use.
 * @param options of the launcher
 * @param env for the launcher and all it starts
 */
export async function startStand(
  [first = 'react', ...others]: string[],
  options: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Stand> {
  const cleanups: (() => unknown)[] = []
  let isClosed = false
  const close = async () => {
    isClosed = true
    for (const clean of cleanups.toReversed()) await clean()
  }
  try {
    const place = await site({ after: (clean) => cleanups.push(clean) })
    const args = [...place.args, ...options]
    const launcher = launch([...args, '--client', first], env)
    cleanups.push(async () => {
      launcher.process.kill('SIGTERM')
      await launcher.ended
    })
    await launcher.running()
    const lab = await place.readLab()
    const launcherOptions = readOptions(args)
    const caFile = launcherOptions.https ? `${place.dir}/tls/ca.pem` : undefined
    if (caFile) trust(caFile)

    const ports = await freePorts(others.length * 2)
    await allowClientsAt(
      lab,
      others.map((_, index) => `http://localhost:${ports[index]}`),
    )
    const started = buildAgain(first, launcherOptions, lab).then((buildOutput) => ({
      name: first,
      url: lab.client_url,
      buildOutput,
    }))
    const running = new Map([[first, started]])
    // The others start whether or not this one did.
    let last: Promise<unknown> = started.catch(() => {})
    for (const [index, name] of others.entries()) {
      if (!isClientName(name)) throw new Error(`There is no client ${name}.`)
      const own = {
        ...launcherOptions.ports,
        client: ports[index] ?? 0,
        api: ports[others.length + index] ?? 0,
      }
      const served = last.then(() => {
        if (isClosed) throw new Error('The stand is closed.')
        return serve(name, { ...launcherOptions, ports: own }, lab, cleanups)
      })
      last = served.catch(() => {})
      running.set(name, served)
    }
    cleanups.push(() => last)
    return {
      lab,
      caFile,
      async client(name) {
        const client = running.get(name)
        if (!client) throw new Error(`${name} was not asked for.`)
        return client
      },
      async api(clientOrigin) {
        const [port = 0] = await freePorts(1)
        const { api } = await environmentsOf({
          ...launcherOptions,
          ports: { ...launcherOptions.ports, api: port },
        })
        return serveApi({ ...api(undefined), CLIENT_ORIGIN_URL: clientOrigin }, cleanups)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The launcher keeps to itself what the build of its client printed. */
async function buildAgain(name: string, options: ReturnType<typeof readOptions>, lab: Lab): Promise<string> {
  if (!isClientName(name)) throw new Error(`There is no client ${name}.`)
  const { client } = await environmentsOf(options)
  const part = clientPart(name, options.dir, client(lab.applications.spa.client_id))
  return buildIfStale({ ...part, output: `${part.output}-again` })
}

async function serve(
  name: ClientName,
  options: ReturnType<typeof readOptions>,
  lab: Lab,
  cleanups: (() => unknown)[],
): Promise<RunningClient> {
  const { at, ...env } = await environmentsOf(options)
  await serveApi(env.api(undefined), cleanups)
  const part = clientPart(name, options.dir, env.client(lab.applications.spa.client_id))
  const client = await startClient(part, options.ports.client, at)
  cleanups.push(() => client.close())
  return { name, url: at.client, buildOutput: client.buildOutput }
}

async function serveApi(env: Record<string, string>, cleanups: (() => unknown)[]): Promise<string> {
  const config = readConfig(env)
  const api = await createApi(config)
  cleanups.push(() => api.close())
  await api.listen({ port: config.port, host: 'localhost' })
  return `http://localhost:${config.port}`
}

const publicAuthorities = getCACertificates('default')

/** In this process, which runs the APIs. Replaces the authority of an earlier stand. */
function trust(caFile: string): void {
  setDefaultCACertificates([...publicAuthorities, readFileSync(caFile, 'utf8')])
}
