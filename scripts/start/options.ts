import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type ClientName, clientNames, isClientName } from './clients.ts'
import { StartProblem } from './problem.ts'

export interface Options {
  help: boolean
  reset: boolean
  /** Whether --reset deletes without asking. */
  yes: boolean
  empty: boolean
  /** Whether the authorization server speaks https, with a certificate made here. */
  https: boolean
  /** The name in the authorization server's address. */
  host: string
  verbose: boolean
  listClients: boolean
  client: ClientName
  /** Absolute path of the folder that holds all state. */
  dir: string
  ports: Ports
  /** The server's port where this user may not listen on the one above. */
  fallbackServerPort: number
}

export type Part = 'server' | 'client' | 'api'
export type Ports = Record<Part, number>

/** @throws {StartProblem} for an option that it does not know, or that npm has kept for itself */
export function readOptions(args: string[], env: NodeJS.ProcessEnv = {}): Options {
  refuseOptionsOfNpm(args, env)
  const { values } = parse(args)
  const defaultServerPort = values.host === undefined ? 5050 : 443
  const ports = {
    server: parsePort('server', values['server-port'] ?? String(defaultServerPort)),
    client: parsePort('client', values['client-port']),
    api: parsePort('api', values['api-port']),
  }
  const chosen = values['server-port'] !== undefined || values.host === undefined
  const fallbackServerPort = chosen ? ports.server : 5050
  for (const server of [ports.server, fallbackServerPort])
    if (new Set([server, ports.client, ports.api]).size < 3)
      throw new StartProblem('Server, client and API need three different ports.')
  const { help: wantsHelp, reset, yes, empty, https, verbose, dir, client } = values
  if (!isClientName(client))
    throw new StartProblem(
      `There is no client ${JSON.stringify(client)}. The clients are ${clientNames.join(', ')}.`,
    )
  return {
    help: wantsHelp,
    reset,
    yes,
    empty,
    verbose,
    listClients: values['list-clients'],
    client,
    https: https || values.host !== undefined,
    host: parseHost(values.host ?? 'localhost'),
    dir: resolve(dir),
    ports,
    fallbackServerPort,
  }
}

const flag = { type: 'boolean', default: false } as const
const options = {
  help: { ...flag, short: 'h' },
  reset: flag,
  yes: flag,
  empty: flag,
  https: flag,
  verbose: flag,
  'list-clients': flag,
  client: { type: 'string', default: 'react' },
  dir: { type: 'string', default: '.rolecall' },
  host: { type: 'string' },
  'server-port': { type: 'string' },
  'client-port': { type: 'string', default: '4040' },
  'api-port': { type: 'string', default: '6060' },
} as const

function parse(args: string[]) {
  try {
    return parseArgs({ args, options })
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/\.(\s|$)/)[0] : String(error)
    throw new StartProblem(`${reason}: see \`npm start -- --help\`.`)
  }
}

/**
 * Without `--` before them npm takes options for its own: it passes `--empty` as the variable `npm_config_empty`, and a
 * value as an argument. Its own option `yes` may be set for all its commands.
 */
function refuseOptionsOfNpm(args: string[], env: NodeJS.ProcessEnv): void {
  const names = Object.keys(options).filter(
    (name) => name !== 'yes' && env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined,
  )
  if (names.length === 0) return
  const given = names.map((name) => `--${name}`).join(' ')
  const rest = args.length > 0 ? ' with their values' : ''
  throw new StartProblem(
    `npm took ${given} for its own: write \`npm start -- ${given}\`${rest}, with -- in front of the options.`,
  )
}

/** A host name of RFC 1123 §2.1. An address has no name that a line of the hosts file could map. */
function parseHost(text: string): string {
  const label = '[a-z\\d](?:[a-z\\d-]{0,61}[a-z\\d])?'
  const isName = new RegExp(`^${label}(?:\\.${label})*$`).test(text) && text.length <= 253
  if (isName && !/\.?\d+$/.test(text)) return text
  throw new StartProblem(
    `--host is ${JSON.stringify(text)}: it must be a host name in lower case, such as rolecall.test.`,
  )
}

function parsePort(part: Part, text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new StartProblem(`--${part}-port is ${JSON.stringify(text)}: it must be a number from 1 to 65535.`)
}
