// Part of `npm run check`. Alone: node scripts/check/types.ts
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Outcome, runTool } from '../tool.ts'

/** Clients with a lock file of their own are checked by their own `npm run check`, where their packages are installed. */
const clients = 'samples/spa-{angular,svelte,vue,react-}*/**'
const exclude = ['**/node_modules/**', '**/dist/**', '**/.rolecall/**', clients]

/** Type checks every tsconfig.json there is, and fails for a source file that none of them covers. */
export async function checkTypes(): Promise<Outcome> {
  const covered = new Set<string>()
  const problems: string[] = []
  for (const project of globSync('**/tsconfig.json', { exclude })) {
    const { passed, output } = await runTool('tsc', ['-p', project, '--listFiles', '--pretty', 'false'])
    for (const line of output.split('\n'))
      if (/^\S*[/\\]\S+\.(?:[cm]?[jt]sx?|json)$/.test(line)) covered.add(resolve(line))
      else if (line.trim() !== '') problems.push(line)
    if (!passed && problems.length === 0) problems.push(`tsc -p ${project} failed`)
  }
  const sources = globSync('{apps,packages,samples,e2e,bench,scripts}/**/*.{ts,tsx}', { exclude })
  for (const source of sources)
    if (!covered.has(resolve(source))) problems.push(`${source} is covered by no tsconfig.json`)
  return { passed: problems.length === 0, output: problems.join('\n') }
}

if (import.meta.main) {
  const { passed, output } = await checkTypes()
  console.log(passed ? 'The types are right.' : output)
  process.exitCode = passed ? 0 : 1
}
