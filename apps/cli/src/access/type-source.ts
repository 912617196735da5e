/** An API whose permissions are written as types. */
export interface TypedApi {
  identifier: string
  name: string
  scopes: { value: string; description?: string | null | undefined }[]
}

const note = 'Written by `rolecall types`. Changes are lost.'

/** Texts are compared by code units, so that the file is the same on every machine. */
const byText = (one: string, other: string) => (one < other ? -1 : Number(one > other))

function sorted(apis: readonly TypedApi[]): TypedApi[] {
  return apis
    .map((api) => ({ ...api, scopes: api.scopes.toSorted((a, b) => byText(a.value, b.value)) }))
    .toSorted((a, b) => byText(a.identifier, b.identifier))
}

function apiSource({ identifier, name, scopes }: TypedApi): string {
  const lines = [...comment(name, '  '), `  ${literal(identifier)}: [`]
  for (const { value, description } of scopes)
    lines.push(...comment(description ?? '', '    '), `    ${literal(value)},`)
  return [...lines, '  ],'].join('\n')
}

/** A module for `definePermissions` of the guard. */
export function typeScriptSource(apis: readonly TypedApi[]): string {
  const members = sorted(apis).map(apiSource)
  return `${[
    `// ${note}`,
    '',
    'export const permissions = {',
    ...members,
    '} as const',
    '',
    '/** The identifier of an API. */',
    'export type Api = keyof typeof permissions',
    '',
    '/** The name of a permission of an API. */',
    'export type Permission<Identifier extends Api = Api> = (typeof permissions)[Identifier][number]',
  ].join('\n')}\n`
}

/** JSON Schema 2020-12: a definition for each API, by its identifier. */
export function schemaSource(apis: readonly TypedApi[]): string {
  const definitions = sorted(apis).map(({ identifier, name, scopes }) => [
    identifier,
    {
      title: name || identifier,
      oneOf: scopes.map(({ value, description }) => ({
        const: value,
        ...(description && { description }),
      })),
    },
  ])
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $comment: note,
    $defs: Object.fromEntries(definitions),
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

/** A JavaScript string in single quotes. A line separator or a quote in a name must not end it. */
function literal(text: string): string {
  const body = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${body.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}

/** A doc comment of one line that its text cannot end. */
function comment(text: string, indent: string): string[] {
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('*/', '* /')
    .trim()
  return line === '' ? [] : [`${indent}/** ${line} */`]
}
