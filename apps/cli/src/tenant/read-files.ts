import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { parseYaml, readText, reasonOf } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import { type Desired, parseDesired } from './desired.ts'
import { folders } from './write-files.ts'

/**
 * Reads the YAML file, or the folder of JSON files, of auth0-deploy-cli or `rolecall export`. As in auth0-deploy-cli,
 * `AUTH0_KEYWORD_REPLACE_MAPPINGS` has the values of markers: `##NAME##` stands for a text, `@@NAME@@` for JSON.
 * @throws UsageError that names the file and what is wrong in it
 */
export async function readDesired(
  terminal: Pick<Terminal, 'env'>,
  path: string,
): Promise<{ desired: Desired; warnings: string[] }> {
  const replace = markers(terminal.env['AUTH0_KEYWORD_REPLACE_MAPPINGS'])
  const read = async (file: string) => parseYaml(replace(await readText(file), file), file)
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      throw new UsageError(`${path} cannot be read: ${reasonOf(error)}`)
    },
  )
  return parseDesired(isFolder ? await readFolder(path, read) : await read(path), path)
}

async function readFolder(folder: string, read: (file: string) => Promise<unknown>) {
  const content: Record<string, unknown> = {}
  const entries = await readdir(folder)
  if (entries.includes('tenant.json')) content['tenant'] = await read(join(folder, 'tenant.json'))
  for (const [section, name] of Object.entries(folders))
    if (entries.includes(name)) content[section] = await readItems(join(folder, name), read)
  for (const name of entries)
    if (!name.startsWith('.') && name !== 'tenant.json' && !Object.values<string>(folders).includes(name))
      content[name] = [name]
  if (Object.keys(content).length === 0) throw new UsageError(`${folder} has no configuration.`)
  return content
}

/** JSON files, or a folder for each object with a file database.json. */
async function readItems(folder: string, read: (file: string) => Promise<unknown>): Promise<unknown[]> {
  const items: unknown[] = []
  for (const entry of (await readdir(folder, { withFileTypes: true })).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (entry.isDirectory()) items.push(await read(join(folder, entry.name, 'database.json')))
    else if (entry.name.endsWith('.json')) items.push(await read(join(folder, entry.name)))
  }
  return items
}

function markers(mappings: string | undefined): (text: string, file: string) => string {
  const values = new Map<string, unknown>(Object.entries(parsedMappings(mappings)))
  return (text, file) =>
    text.replaceAll(/"?@@([A-Z0-9_]+)@@"?|##([A-Z0-9_]+)##/g, (marker, json?: string, plain?: string) => {
      const name = json ?? plain ?? ''
      if (!values.has(name))
        throw new UsageError(
          `${file} has the marker ${marker}, and AUTH0_KEYWORD_REPLACE_MAPPINGS has no ${name}.`,
        )
      const value = values.get(name)
      return json === undefined ? String(value) : JSON.stringify(value)
    })
}

function parsedMappings(text: string | undefined): object {
  if (!text) return {}
  const value = parseYaml(text, 'AUTH0_KEYWORD_REPLACE_MAPPINGS')
  if (typeof value !== 'object' || value === null)
    throw new UsageError('AUTH0_KEYWORD_REPLACE_MAPPINGS must be a JSON object.')
  return value
}
