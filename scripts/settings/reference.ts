import { readFileSync, writeFileSync } from 'node:fs'
import { describeVariables } from '../../apps/server/src/config.ts'

const document = 'docs/guides/operating.md'
const begin = '<!-- settings: written by `npm run settings` from apps/server/src/config.ts -->'
const end = '<!-- /settings -->'

/** Writes the table of settings into the document. */
export function writeReference(): void {
  writeFileSync(document, withTable(readFileSync(document, 'utf8')))
}

/** Whether the table in the document is the one that the settings give. */
export function isReferenceCurrent(): boolean {
  const text = readFileSync(document, 'utf8')
  return withTable(text) === text
}

function withTable(text: string): string {
  const [before, rest] = text.split(`${begin}\n`)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`${document} has no ${begin} … ${end}`)
  return `${before}${begin}\n${settingsTable()}${end}${after}`
}

/** A row for each variable, in Markdown. */
export function settingsTable(): string {
  const rows = Object.entries(describeVariables().properties ?? {}).map(
    ([name, schema]) => `| \`${name}\` | ${cellsOf(name, schema).join(' | ')} |\n`,
  )
  return `| variable | meaning | default |\n|---|---|---|\n${rows.join('')}`
}

type Variable = NonNullable<ReturnType<typeof describeVariables>['properties']>[string]

function cellsOf(name: string, variable: Variable): string[] {
  if (typeof variable === 'boolean' || !variable.description)
    throw new Error(`${name} has no description in apps/server/src/config.ts`)
  const { description, minimum, maximum, enum: values } = variable
  const range = minimum === undefined || maximum === undefined ? '' : `: ${minimum} to ${maximum}`
  const choice = values ? `: ${values.map(code).join(', ')}` : ''
  const unset = variable['unset']
  const fallback =
    variable.default !== undefined ? code(variable.default) : typeof unset === 'string' ? unset : '–'
  return [`${description}${range}${choice}`, fallback]
}

const code = (value: unknown) => `\`${String(value)}\``
