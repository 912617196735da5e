import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { startChild } from './child.ts'
import { StartProblem } from './problem.ts'

export interface WebPart {
  name: string
  /** The folder with vite.config.ts. */
  source: string
  /** Folders outside `source` that go into the build. */
  shared?: string[]
  output: string
  /** Variables that are baked in, and so part of what makes a build stale. */
  env: Record<string, string>
}

const stampFile = 'build.stamp'

/**
 * Runs `vite build` unless the last build was made from the same sources and variables. The stamp is the last thing
 * that a build writes and the first that the next one deletes, so an interrupted build is stale.
 * @throws {StartProblem} with what the build printed
 */
export async function buildIfStale(part: WebPart): Promise<void> {
  const wanted = await fingerprint(part)
  const stamp = join(part.output, stampFile)
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return
  const started = performance.now()
  const build = startChild({
    name: part.name,
    script: join(
      dirname(createRequire(join(part.source, 'package.json')).resolve('vite/package.json')),
      'bin/vite.js',
    ),
    args: ['build', '--outDir', relative(part.source, part.output), '--emptyOutDir', '--logLevel', 'warn'],
    cwd: part.source,
    env: { ...process.env, NODE_ENV: 'production', ...part.env },
    verbose: false,
  })
  const outcome = await build.ended
  if (outcome !== 'exit code 0')
    throw new StartProblem(`${build.lastLines()}\nThe ${part.name} could not be built (${outcome}).`)
  await writeFile(stamp, wanted)
  console.log(`Built the ${part.name} in ${((performance.now() - started) / 1000).toFixed(1)} s.`)
}

async function fingerprint({ source, shared = [], env }: WebPart): Promise<string> {
  const exclude = ['**/node_modules/**', '**/dist/**', '**/*.test.*']
  const files = [source, ...shared]
    .flatMap((folder) => globSync('**/*', { cwd: folder, exclude, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  const hash = createHash('sha256')
  for (const file of [...files, join(source, '.env'), 'package-lock.json'])
    if (existsSync(file)) {
      hash.update(`\0${file}\0`)
      hash.update(await readFile(file))
    }
  return hash.update(JSON.stringify(env)).digest('hex')
}
