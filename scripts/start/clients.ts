import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { root } from '../install.js'
import type { WebPart } from './build.ts'

interface Client {
  /** Below `samples/`. */
  folder: string
  /** What the framework's build requires in front of the names of variables. */
  prefix: 'VITE_' | 'NG_APP_'
}

/** The client applications that `npm start -- --client <name>` runs. */
const clients = {
  react: { folder: 'spa-react', prefix: 'VITE_' },
  'react-javascript': { folder: 'spa-react-javascript', prefix: 'VITE_' },
  'react-router-6': { folder: 'spa-react-router-6', prefix: 'VITE_' },
  'react-router-6-javascript': { folder: 'spa-react-router-6-javascript', prefix: 'VITE_' },
  angular: { folder: 'spa-angular', prefix: 'NG_APP_' },
  'angular-modules': { folder: 'spa-angular-modules', prefix: 'NG_APP_' },
  svelte: { folder: 'spa-svelte', prefix: 'VITE_' },
  vue: { folder: 'spa-vue', prefix: 'VITE_' },
  'vue-options': { folder: 'spa-vue-options', prefix: 'VITE_' },
  'vue-2': { folder: 'spa-vue-2', prefix: 'VITE_' },
} as const satisfies Record<string, Client>

export type ClientName = keyof typeof clients

export const clientNames: readonly string[] = Object.keys(clients)

export const isClientName = (name: string): name is ClientName => Object.hasOwn(clients, name)

/** The folder of a client, relative to the repository. */
export function clientFolder(name: string): string {
  if (!isClientName(name)) throw new Error(`There is no client ${name}.`)
  return join('samples', clients[name].folder)
}

/** Whether a client is given a client ID by the environment or its `.env`, which win over the launcher. */
export function hasOwnClientId(name: ClientName): boolean {
  const { file, variable } = clientIdSetting(name)
  const path = join(root, file)
  const written = existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {}
  return Boolean(process.env[variable] ?? written[variable])
}

/** Where a client looks for its client ID when it is configured by hand. */
export function clientIdSetting(name: ClientName): { file: string; variable: string } {
  const { folder, prefix } = clients[name]
  return { file: `samples/${folder}/.env`, variable: `${prefix}AUTH0_CLIENT_ID` }
}

/** A client as one system needs it: its addresses are part of the build, so the build lies with that system's data. */
export function clientPart(name: ClientName, dir: string, variables: Record<string, string>): WebPart {
  const { folder, prefix } = clients[name]
  const source = join(root, 'samples', folder)
  return {
    name: 'client',
    source,
    output: join(dir, 'web', folder),
    env: Object.fromEntries(Object.entries(variables).map(([variable, value]) => [prefix + variable, value])),
    ...(prefix === 'NG_APP_' && {
      site: 'browser',
      build: (output) => ({ script: join(source, 'ng.js'), args: ['build', '--output-path', output] }),
    }),
  }
}
