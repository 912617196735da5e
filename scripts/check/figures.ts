// Figures of the source's structure, printed by `npm run check`. A figure over its limit fails the check; the limits are
// what has been reached, so that they are not lost again. They are about code that people maintain: of the client
// applications that is samples/spa-react. The others say the same in other frameworks and variants, and are copies of it
// on purpose (`npm run samples`), so they are left out.
//   node scripts/check/figures.ts            the figures
//   node scripts/check/figures.ts duplicates every place behind one of them (the first word of its line)
import type { Outcome } from '../tool.ts'
import { fileCycles, folderCycles } from './figures/cycles.ts'
import { guardExamples } from './figures/examples.ts'
import { literaryWords } from './figures/language.ts'
import { filesOfRoleAssignment } from './figures/request-path.ts'
import { readSources, type Source } from './figures/sources.ts'
import {
  branchyFunctions,
  duplicateLines,
  duplicatePairs,
  duplicateTokens,
  maxBranches,
} from './figures/tools.ts'

interface Figure {
  name: string
  value: number
  /** The check fails above it. */
  max?: number
  places: string[]
}

const shortLines = 30

export async function checkFigures(): Promise<Outcome> {
  const figures = await measure()
  const output = figures.map(describe).join('\n')
  return { passed: figures.every(({ value, max }) => max === undefined || value <= max), output }
}

async function measure(): Promise<Figure[]> {
  const sources = readSources()
  const own = sources.filter(({ isTest }) => !isTest)
  const [duplicates, branchy, assignment] = await Promise.all([
    duplicatePairs(),
    branchyFunctions(),
    filesOfRoleAssignment(),
  ])
  const examples = guardExamples(sources)
  const words = literaryWords(sources)
  const short = own.filter(({ lines }) => lines <= shortLines).map(({ path, lines }) => `${path}: ${lines}`)
  return [
    count('value cycles between files', show(fileCycles(sources, { types: false })), 0),
    count('folder cycles in the server', show(folderCycles(sources)), 0),
    count('type cycles between files', show(fileCycles(sources, { types: true })), 0),
    count(`duplicates of ${duplicateLines} lines and ${duplicateTokens} tokens`, duplicates),
    count(`branchy functions, over ${maxBranches} branches`, branchy),
    count(`short files, ${shortLines} lines or fewer, of ${own.length}`, short),
    count('assignment: files that assigning a role runs through', assignment),
    count(`examples missing from the guard’s ${examples.total} functions and classes`, examples.missing),
    { name: 'literary words per 1,000 words of comment', value: words.per1000, places: words.places },
    { name: 'lines of source', value: linesOf(own), places: [] },
    { name: 'tests ÷ source, in lines', value: linesOf(sources) / linesOf(own) - 1, places: [] },
  ]
}

const count = (name: string, places: string[], max?: number): Figure => ({
  name,
  value: places.length,
  places,
  ...(max !== undefined && { max }),
})

const show = (cycles: string[][]) => cycles.map((cycle) => cycle.join(' ↔ '))

const linesOf = (files: Source[]) => files.reduce((sum, { lines }) => sum + lines, 0)

function describe({ name, value, max }: Figure): string {
  const shown = Number.isInteger(value) ? String(value) : value.toFixed(2)
  return `  ${name}: ${shown}${max !== undefined && value > max ? ` (at most ${max})` : ''}`
}

if (import.meta.main) {
  const [wanted] = process.argv.slice(2)
  for (const figure of await measure()) {
    console.log(describe(figure))
    if (wanted !== undefined && figure.name.startsWith(wanted))
      for (const place of figure.places) console.log(`    ${place}`)
  }
}
