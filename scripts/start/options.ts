import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type ClientName, clientNames, isClientName } from './clients.ts'
import { StartProblem } from './problem.ts'

export interface Options {
  help: boolean
  reset: boolean
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

export const help = `npm start -- [options]

Runs the whole system: the authorization server with its dashboard, the API and the client.

  --server-port <port>  of the authorization server and dashboard (5050; with --host 443, where this user may use it)
  --client-port <port>  of the client application (4040)
  --api-port <port>     of the Hello World API (6060)
  --client <name>       the client application to run (react); --list-clients prints the names
  --list-clients        print the names of the client applications, one per line
  --dir <folder>        where data, keys, passwords and logs are kept (.rolecall)
  --https               serve https at the authorization server, with a certificate made for this machine
  --host <name>         name the authorization server so, with https: for SDKs that refuse a port or localhost
  --empty               first start without the tutorial's API, role, users and applications
  --reset               delete the data first, after asking
  --verbose             show every log line here; they also go to <folder>/logs
  --help                this text`

/** @throws {StartProblem} for what it does not know */
export function readOptions(args: string[]): Options {
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
  const { help: wantsHelp, reset, empty, https, verbose, dir, client } = values
  if (!isClientName(client))
    throw new StartProblem(
      `There is no client ${JSON.stringify(client)}. The clients are ${clientNames.join(', ')}.`,
    )
  return {
    help: wantsHelp,
    reset,
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

function parse(args: string[]) {
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({
      args,
      options: {
        help: { ...flag, short: 'h' },
        reset: flag,
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
      },
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/\.(\s|$)/)[0] : String(error)
    throw new StartProblem(`${reason}: see \`npm start -- --help\`.`)
  }
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
