import type { Source } from './sources.ts'

type Graph = Map<string, Set<string>>

/** Groups of files that import each other; with `types`, imports of types count too. */
export function fileCycles(sources: Source[], { types }: { types: boolean }): string[][] {
  const graph: Graph = new Map()
  for (const { path, imports } of sources)
    graph.set(path, new Set(imports.filter(({ isType }) => types || !isType).map((target) => target.path)))
  return cyclesOf(graph)
}

/** Groups of top folders of the server that import each other's files. */
export function folderCycles(sources: Source[]): string[][] {
  const graph: Graph = new Map()
  for (const { path, imports, isTest } of sources) {
    const from = sliceOf(path)
    if (from === undefined || isTest) continue
    const targets = graph.get(from) ?? new Set()
    for (const imported of imports) {
      const to = sliceOf(imported.path)
      if (to !== undefined && to !== from && !imported.isType) targets.add(to)
    }
    graph.set(from, targets)
  }
  return cyclesOf(graph)
}

function sliceOf(path: string): string | undefined {
  return /^apps\/server\/src\/([^/]+)\//.exec(path)?.[1]
}

/** Strongly connected components of more than one node (Tarjan 1972). */
function cyclesOf(graph: Graph): string[][] {
  const found: string[][] = []
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []

  function visit(node: string): number {
    const own = index.size
    index.set(node, own)
    low.set(node, own)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      const reached = index.has(next) ? (stack.includes(next) ? index.get(next) : undefined) : visit(next)
      if (reached !== undefined) low.set(node, Math.min(low.get(node) ?? own, reached))
    }
    const lowest = low.get(node) ?? own
    if (lowest === own) {
      const component = stack.splice(stack.indexOf(node))
      if (component.length > 1) found.push(component.toSorted())
    }
    return lowest
  }

  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return found
}
