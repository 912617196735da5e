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
  verbose: boolean
  listClients: boolean
  client: ClientName
  /** Absolute path of the folder that holds all state. */
  dir: string
  ports: Ports
}

export type Part = 'server' | 'client' | 'api'
export type Ports = Record<Part, number>

export const help = `npm start -- [options]

Runs the whole system: the authorization server with its dashboard, the API and the client.

  --server-port <port>  of the authorization server and dashboard (5050)
  --client-port <port>  of the client application (4040)
  --api-port <port>     of the Hello World API (6060)
  --client <name>       the client application to run (react); --list-clients prints the names
  --list-clients        print the names of the client applications, one per line
  --dir <folder>        where data, keys, passwords and logs are kept (.rolecall)
  --https               serve https at the authorization server, with a certificate made for this machine
  --empty               first start without the tutorial's API, role, users and applications
  --reset               delete the data first, after asking
  --verbose             show every log line here; they also go to <folder>/logs
  --help                this text`

/** @throws {StartProblem} for what it does not know */
export function readOptions(args: string[]): Options {
  const { values } = parse(args)
  const ports = {
    server: parsePort('server', values['server-port']),
    client: parsePort('client', values['client-port']),
    api: parsePort('api', values['api-port']),
  }
  if (new Set(Object.values(ports)).size < 3)
    throw new StartProblem('Server, client and API need three different ports.')
  const { help: wantsHelp, reset, empty, https, verbose, dir, client } = values
  if (!isClientName(client))
    throw new StartProblem(
      `There is no client ${JSON.stringify(client)}. The clients are ${clientNames.join(', ')}.`,
    )
  const listClients = values['list-clients']
  return { help: wantsHelp, reset, empty, https, verbose, listClients, client, dir: resolve(dir), ports }
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
        'server-port': { type: 'string', default: '5050' },
        'client-port': { type: 'string', default: '4040' },
        'api-port': { type: 'string', default: '6060' },
      },
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/\.(\s|$)/)[0] : String(error)
    throw new StartProblem(`${reason}: see \`npm start -- --help\`.`)
  }
}

function parsePort(part: Part, text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new StartProblem(`--${part}-port is ${JSON.stringify(text)}: it must be a number from 1 to 65535.`)
}
