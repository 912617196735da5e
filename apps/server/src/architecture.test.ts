import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

/** What each folder may import besides itself and the ground below. A new arrow is a word here, and so a decision. */
const arrows: Record<string, string> = {
  'main.ts': 'app.ts commands.ts dashboard heap.ts keys tenant',
  'commands.ts': 'dashboard keys',
  'app.ts': 'applications dashboard jobs keys logs management oauth sessions users',
  oauth: 'apis applications connections consents keys logs pages roles sessions tenant users',
  dashboard: 'apis applications connections logs pages roles tenant users',
  pages: 'applications tenant users',
  management:
    'apis applications connections consents dashboard jobs keys logs roles sessions stats tenant tickets users',
  apis: 'logs',
  applications: 'apis connections logs roles sessions tenant',
  connections: 'logs roles',
  consents: 'apis logs roles sessions',
  jobs: 'connections logs roles tenant users',
  keys: 'logs',
  roles: 'apis logs',
  stats: 'logs users',
  tenant: 'apis applications connections logs roles',
  tickets: 'connections logs roles users',
  users: 'apis connections logs roles sessions tenant',
}
const ground = new Set(['http', 'store', 'search', 'crypto', 'mail', 'context.ts', 'config.ts', 'clock.ts'])
const root = join(import.meta.dirname, '../../..')
const server = filesOf('apps/server/src')

test('arrows go down only', () => {
  const wrong = server.flatMap((file) =>
    importsOf(file)
      .map((imported) => [sliceOf(file), sliceOf(imported)] as const)
      .filter(([from, to]) => from !== to && !ground.has(to))
      .filter(([from, to]) => !arrows[from]?.split(' ').includes(to))
      .map(([, to]) => `${file} → ${to}`),
  )
  assert.deepEqual(wrong, [])
})

test('docs/architecture.md has the list of arrows', () => {
  const width = Math.max(...Object.keys(arrows).map((name) => name.length))
  const list = Object.entries(arrows).map(([name, imported]) => `${name.padEnd(width)} → ${imported}`)
  const document = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const [, shown] = /### Arrows[^]*?```\n([^]*?)\n```/.exec(document) ?? []
  assert.equal(shown, list.join('\n'))
})

test('no file imports itself by way of others', () => {
  const done = new Set<string>()
  const visit = (file: string, path: string[]): void => {
    assert.ok(!path.includes(file), [...path, file].join(' → '))
    if (done.has(file)) return
    for (const imported of importsOf(file, { types: false })) visit(imported, [...path, file])
    done.add(file)
  }
  for (const file of server) visit(file, [])
})

test('only a program touches the process: main.ts, and workers', () => {
  const wrong = server
    .filter((file) => !/\/(main|[\w-]*worker)\.ts$/.test(file))
    .filter((file) => /\bprocess\./.test(codeOf(file)))
  assert.deepEqual(wrong, [])
})

test('samples know the guard alone, the dashboard the contract alone, packages each other alone', () => {
  const allowed = {
    'samples/*': ['guard'],
    'apps/dashboard': ['contract'],
    'packages/*': ['guard', 'contract'],
  }
  const wrong = Object.entries(allowed).flatMap(([folder, packages]) =>
    filesOf(folder).flatMap((file) =>
      [...codeOf(file).matchAll(/from '(@rolecall\/([\w-]+)|[./]+apps\/)[^']*'/g)]
        .filter(([, , name = '']) => !packages.includes(name))
        .map(([statement]) => `${file} imports ${statement}`),
    ),
  )
  assert.deepEqual(wrong, [])
})

/** Sources that run, relative to the repository. */
function filesOf(folder: string): string[] {
  const found = globSync(`${folder}/**/*.{ts,tsx}`, {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**'],
  })
  assert.notEqual(found.length, 0)
  return found.filter((file) => !/\.test\.tsx?$|\/testing\b/.test(file))
}

/** Without comments, and without the texts that show code. */
function codeOf(file: string): string {
  return readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$|`[^`]*`/gm, '')
}

function importsOf(file: string, { types = true } = {}): string[] {
  const statements = codeOf(file).matchAll(/^(?:import|export) (type )?[^;'"]*?(?:from )?'(\.[^']+)'/gm)
  return [...statements]
    .filter(([, type]) => types || !type)
    .map(([, , path = '']) => join(dirname(file), path))
}

/** The folder below `src`, or the file itself where it lies there. */
function sliceOf(file: string): string {
  return file.replace('apps/server/src/', '').split('/')[0] ?? ''
}
