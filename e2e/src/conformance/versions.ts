import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { clientFolder } from '../../../scripts/start/clients.ts'
import { root } from '../start/launcher.ts'
import { folder } from './programs.ts'

interface Manifest {
  version: string
  dependencies: Record<string, string>
}

/** Auth0's SDK in a client, with the version that is installed. */
export function installedSdk(client: string): string {
  const manifestFile = join(root, clientFolder(client), 'package.json')
  const { dependencies } = readManifest(manifestFile)
  const name = Object.keys(dependencies).find((dependency) => dependency.startsWith('@auth0/')) ?? ''
  const places = createRequire(manifestFile).resolve.paths(name) ?? []
  for (const place of places)
    try {
      return `\`${name}\` ${readManifest(join(place, name, 'package.json')).version}`
    } catch {
      // It is in one of the next places.
    }
  return `\`${name}\``
}

/** The version that `e2e/conformance/package.json` names. */
export function pinnedVersion(packageName: string): string {
  const { dependencies } = readManifest(join(folder, 'package.json'))
  return dependencies[packageName]?.replace(/^npm:.*@/, '') ?? ''
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8'))
}
