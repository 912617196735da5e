import { readFile } from 'node:fs/promises'
import { parseDocument } from 'yaml'
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

/** @param file for messages. @throws UsageError */
export function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true })
  const [problem] = document.errors
  if (problem) throw new UsageError(`${file} is not valid YAML. ${problem.message}`)
  try {
    return document.toJS()
  } catch (error) {
    // Aliases that would grow to a huge document.
    throw new UsageError(`${file} is not valid YAML: ${reasonOf(error)}`)
  }
}

export const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
