import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { root } from '../install.js'
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
  /** Folder below `output` that holds index.html; absent, it is `output` itself. */
  site?: string
  /** How it is built into `output`, a path relative to `source`; absent, by Vite. */
  build?: (output: string) => { script: string; args: string[] }
}

export const dashboardPart: WebPart = {
  name: 'dashboard',
  source: join(root, 'apps/dashboard'),
  shared: [join(root, 'packages/contract/src')],
  output: join(root, 'apps/dashboard/dist'),
  env: {},
}

const stampFile = 'build.stamp'

/**
 * Builds the part unless the last build was made from the same sources and variables. A build is written to a
 * second folder and replaces the last one when it is complete, so that an interrupted build is not used, and two systems
 * that start from the same checkout do not delete each other's files.
 * @returns what the build printed, warnings among it
 * @throws {StartProblem} with what the build printed
 */
export async function buildIfStale(part: WebPart): Promise<string> {
  const wanted = await fingerprint(part)
  const stamp = join(part.output, stampFile)
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return ''
  const started = performance.now()
  const draft = `${part.output}-${process.pid}`
  const build = startChild({
    name: part.name,
    ...(part.build ?? viteBuild(part.source))(relative(part.source, draft)),
    cwd: part.source,
    env: { ...process.env, NODE_ENV: 'production', ...part.env },
    verbose: false,
  })
  try {
    const outcome = await build.ended
    if (outcome !== 'exit code 0')
      throw new StartProblem(`${build.lastLines()}\nThe ${part.name} could not be built (${outcome}).`)
    await writeFile(join(draft, stampFile), wanted)
    await replaceFolder(part.output, draft)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  console.log(`Built the ${part.name} in ${((performance.now() - started) / 1000).toFixed(1)} s.`)
  return build.lastLines()
}

function viteBuild(source: string): NonNullable<WebPart['build']> {
  const vite = dirname(createRequire(join(source, 'package.json')).resolve('vite/package.json'))
  return (output) => ({
    script: join(vite, 'bin/vite.js'),
    args: ['build', '--outDir', output, '--emptyOutDir', '--logLevel', 'warn'],
  })
}

async function replaceFolder(place: string, successor: string): Promise<void> {
  for (;;) {
    await rm(place, { recursive: true, force: true })
    try {
      return await rename(successor, place)
    } catch (error) {
      // Another system has put its own there in between: the later one stays, they are the same.
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    }
  }
}

async function fingerprint({ source, shared = [], env }: WebPart): Promise<string> {
  const exclude = ['**/node_modules/**', '**/dist/**', '**/dist-*/**', '**/.angular/**', '**/*.test.*']
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
