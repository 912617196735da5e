import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTool } from '../../tool.ts'
import { derivedClients } from './sources.ts'

const folders = ['apps', 'packages', 'samples', 'bench', 'scripts']
export const duplicateLines = 6
export const duplicateTokens = 50
export const maxBranches = 12

/** Pairs of places that share the same tokens (jscpd), tests not counted. */
export async function duplicatePairs(): Promise<string[]> {
  return withFolder(async (folder) => {
    const options = {
      'min-lines': `${duplicateLines}`,
      'min-tokens': `${duplicateTokens}`,
      format: 'typescript,tsx,javascript',
      ignore: ['**/node_modules/**', '**/dist/**', '**/*.test.ts', '**/*.test.tsx', ...derivedClients].join(),
      reporters: 'json',
      output: folder,
    }
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
    const { passed, output } = await runTool('jscpd', [...folders, ...flags])
    if (!passed) throw new Error(output)
    const { duplicates }: { duplicates: { firstFile: Place; secondFile: Place }[] } = JSON.parse(
      readFileSync(join(folder, 'jscpd-report.json'), 'utf8'),
    )
    return duplicates.map(({ firstFile, secondFile }) => `${showPlace(firstFile)} ~ ${showPlace(secondFile)}`)
  })
}

interface Place {
  name: string
  start: number
  end: number
}

const showPlace = ({ name, start, end }: Place) => `${name}:${start}-${end}`

/** Functions with a cyclomatic complexity over `maxBranches` (oxlint's `complexity`), tests not counted. */
export async function branchyFunctions(): Promise<string[]> {
  return withFolder(async (folder) => {
    const config = join(folder, 'oxlint.json')
    const rules = { complexity: ['error', { max: maxBranches }] }
    writeFileSync(
      config,
      JSON.stringify({ categories: { correctness: 'off' }, rules, ignorePatterns: derivedClients }),
    )
    const { output } = await runTool('oxlint', ['-c', config, '-f', 'json', ...folders])
    const { diagnostics }: { diagnostics: { filename: string; message: string }[] } = JSON.parse(output)
    return diagnostics
      .filter(({ filename }) => !/\.test\.tsx?$/.test(filename))
      .map(({ filename, message }) => `${filename}: ${message}`)
  })
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-figures-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
