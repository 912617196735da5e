import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../install.js'

/**
 * The text of a file in `deploy/cluster` with values for its placeholders, `${NAME}`.
 * @throws for a placeholder without a value
 */
export function configure(file: string, values: Record<string, string | number>): string {
  return readFileSync(join(root, 'deploy/cluster', file), 'utf8').replaceAll(
    /\$\{([A-Z0-9_]+)\}/g,
    (_, name: string) => {
      const value = values[name]
      if (value === undefined) throw new Error(`deploy/cluster/${file} needs ${name}`)
      return String(value)
    },
  )
}
