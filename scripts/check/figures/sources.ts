import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Comment, type ParseResult, parseSync } from 'oxc-parser'

/** A parsed file of the repository. */
export interface Source {
  /** Relative to the repository, with forward slashes. */
  path: string
  text: string
  lines: number
  isTest: boolean
  comments: Comment[]
  program: ParseResult['program']
  module: ParseResult['module']
  /** Relative imports and re-exports, as paths like `path`. */
  imports: { path: string; isType: boolean }[]
}

const folders = '{apps,packages,samples,e2e,bench,scripts}'

/** Patterns of the client applications that follow samples/spa-react. */
export const derivedClients = globSync('samples/spa-*')
  .map((folder) => basename(folder))
  .filter((name) => name !== 'spa-react')
  .map((name) => `**/${name}/**`)

/** Reads and parses every TypeScript and JavaScript file that is maintained by hand. */
export function readSources(): Source[] {
  const paths = globSync(`${folders}/**/*.{ts,tsx,js}`, {
    exclude: ['**/node_modules/**', '**/dist/**', '**/.rolecall/**', '**/vendor/**', ...derivedClients],
  })
  return paths.toSorted().map((path) => {
    const text = readFileSync(path, 'utf8')
    const { comments, program, module } = parseSync(path, text)
    const lines = text.split('\n').length - 1
    const isTest = /\.test\.tsx?$|\/test(s|ing)\b|^e2e\//.test(path)
    return { path, text, lines, isTest, comments, program, module, imports: importsOf(path, module) }
  })
}

function importsOf(path: string, { staticImports, staticExports }: ParseResult['module']): Source['imports'] {
  const imported = staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    isType: entries.length > 0 && entries.every((entry) => entry.isType),
  }))
  const reexported = staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest ? [{ specifier: moduleRequest.value, isType }] : [],
    ),
  )
  return [...imported, ...reexported]
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, isType }) => ({ path: join(dirname(path), specifier), isType }))
}
