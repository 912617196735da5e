import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { UsageError } from '../errors.ts'
import { type Desired, sections } from './desired.ts'

/** The folders of auth0-deploy-cli's directory format, by section. `tenant.json` is next to them. */
export const folders = {
  resourceServers: 'resource-servers',
  roles: 'roles',
  clients: 'clients',
  clientGrants: 'grants',
  databases: 'database-connections',
  connections: 'connections',
} as const

/** The text of `tenant.yaml`. */
export function toYaml(desired: Desired): string {
  const ordered = Object.fromEntries(
    sections.filter((section) => desired[section]).map((section) => [section, desired[section]]),
  )
  // Readers of YAML 1.1 take 1_000 and 2026-01-01 for other types than text, unless they are quoted.
  return stringify(ordered, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' })
}

/**
 * Writes the directory format into a folder that is new or empty: files that are left from before would be read, too.
 * @throws UsageError
 */
export async function writeFolder(folder: string, desired: Desired): Promise<void> {
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).some((name) => !name.startsWith('.')))
    throw new UsageError(`${folder} is not empty. Name another folder, or delete what is in it.`)
  if (desired.tenant) await writeJson(join(folder, 'tenant.json'), desired.tenant)
  const apiNames = new Map(
    desired.resourceServers?.map(({ identifier, name }) => [identifier, name ?? identifier]),
  )
  const files = {
    [folders.resourceServers]: named(desired.resourceServers, ({ name, identifier }) => name ?? identifier),
    [folders.roles]: named(desired.roles, ({ name }) => name),
    [folders.clients]: named(desired.clients, ({ name }) => name),
    [folders.clientGrants]: named(
      desired.clientGrants,
      ({ client_id, audience }) => `${client_id}-${apiNames.get(audience) ?? audience}`,
    ),
    [folders.databases]: named(desired.databases, ({ name }) => name),
    [folders.connections]: named(desired.connections, ({ name }) => name),
  }
  for (const [section, items] of Object.entries(files)) if (items) await writeItems(folder, section, items)
}

type Named = readonly (readonly [name: string, item: unknown])[]

function named<T>(items: readonly T[] | null | undefined, nameOf: (item: T) => string): Named | undefined {
  return items?.map((item) => [nameOf(item), item])
}

/** A file for each object; of databases a folder for each, in which scripts of custom databases would be. */
async function writeItems(folder: string, section: string, items: Named): Promise<void> {
  const used = new Set<string>()
  const isDatabases = section === folders.databases
  await mkdir(join(folder, section))
  for (const [name, item] of items) {
    const path = join(folder, section, freeName(fileName(name), used))
    if (isDatabases) await mkdir(path)
    await writeJson(isDatabases ? join(path, 'database.json') : `${path}.json`, item)
  }
}

const writeJson = (file: string, value: unknown) => writeFile(file, `${JSON.stringify(value, null, 2)}\n`)

/** A name that every file system has: as auth0-deploy-cli writes it, and short enough. */
function fileName(name: string): string {
  const cleaned = name.replaceAll(/[/?<>\\:*|"\p{Cc}]/gu, '-').replace(/^\.+$|[. ]+$/u, '-')
  return cleaned.slice(0, 200) || '-'
}

/** On some file systems, names that differ in case are one name. */
function freeName(name: string, used: Set<string>): string {
  let free = name
  for (let count = 2; used.has(free.toLowerCase()); count++) free = `${name}-${count}`
  used.add(free.toLowerCase())
  return free
}
