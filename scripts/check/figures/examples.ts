import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Source } from './sources.ts'

export interface DocumentedExports {
  total: number
  /** Names of exported functions and classes without an example. */
  missing: string[]
}

/** Looks for an example in the docblock of every function and class that the guard's entry points export. */
export function guardExamples(sources: Source[]): DocumentedExports {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const folder = 'packages/guard'
  const { exports }: { exports: Record<string, string> } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  const documented = new Map<string, boolean>()
  for (const entry of Object.values(exports)) {
    const source = byPath.get(join(folder, entry))
    if (!source) throw new Error(`${folder}/package.json exports ${entry}, which is not a source file`)
    for (const { name, origin, local } of exportsOf(source, byPath)) {
      const block = docblockOf(origin, local)
      if (block !== undefined) documented.set(name, /@example|```/.test(block))
    }
  }
  const missing = [...documented].filter(([, hasExample]) => !hasExample).map(([name]) => name)
  return { total: documented.size, missing: missing.toSorted() }
}

interface ExportedName {
  name: string
  origin: Source
  local: string
}

/** The values that a file exports, followed through re-exports to the files that declare them. */
function exportsOf(source: Source, byPath: Map<string, Source>): ExportedName[] {
  return source.module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ exportName, importName, localName, moduleRequest, isType }) => {
      if (isType) return []
      const name = exportName.name ?? 'default'
      if (!moduleRequest) return [{ name, origin: source, local: localName.name ?? name }]
      const origin = byPath.get(join(source.path, '..', moduleRequest.value))
      if (!origin) return []
      const all = exportsOf(origin, byPath)
      return importName.name === null ? all : all.filter((exported) => exported.name === importName.name)
    }),
  )
}

/** The first overload of a function, which has the docblock of all, is a `TSDeclareFunction`. */
const documentable = new Set(['FunctionDeclaration', 'TSDeclareFunction', 'ClassDeclaration'])

/** The docblock of a function or class, '' where it has none; undefined for another kind of declaration. */
function docblockOf({ program, comments, text }: Source, name: string): string | undefined {
  for (const statement of program.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (!declared || !documentable.has(declared.type)) continue
    if (!('id' in declared && declared.id && 'name' in declared.id && declared.id.name === name)) continue
    const before = comments.findLast(
      ({ type, end }) =>
        type === 'Block' && end <= statement.start && /^\s*$/.test(text.slice(end, statement.start)),
    )
    return before?.value ?? ''
  }
  return undefined
}
