import { readFile } from 'node:fs/promises'
import { CORE_SCHEMA, load, YAMLException } from 'js-yaml'
import { UsageError } from './errors.ts'

/** @throws UsageError that says why the file cannot be read */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${reasonOf(error)}`)
  }
}

/**
 * Reads a YAML file, or a JSON file, which is YAML too.
 * @throws UsageError with the line of a mistake
 */
export async function readYaml(file: string): Promise<unknown> {
  return parseYaml(await readText(file), file)
}

/**
 * As auth0-deploy-cli reads it, which uses the same parser.
 * @param file for messages
 * @throws UsageError
 */
export function parseYaml(text: string, file: string): unknown {
  try {
    const value: unknown = load(text, { schema: CORE_SCHEMA }) ?? null
    countNodes(value, 0)
    return value
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const { reason, mark } = error
    const place = mark ? ` at line ${mark.line + 1}, column ${mark.column + 1}` : ''
    throw new UsageError(`${file} is not valid YAML. ${reason}${place}`)
  }
}

/** A file for the largest tenant that is tested has fewer than a million. */
const maxNodes = 10_000_000
const maxDepth = 200

/**
 * Counts an alias as often as it is used: a few lines of aliases of aliases are a document of billions of nodes, and an
 * alias of its own parent is one without an end.
 */
function countNodes(value: unknown, before: number, depth = 0): number {
  let count = before + 1
  if (typeof value !== 'object' || value === null) return count
  if (depth > maxDepth) throw new YAMLException('the document is nested too deeply')
  for (const one of Object.values(value)) {
    if (count > maxNodes) throw new YAMLException('aliases make the document too large')
    count = countNodes(one, count, depth + 1)
  }
  return count
}

export const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
