import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

/** What each part may import besides itself. The README shows the same order. */
const allowed: Record<string, string> = {
  bearer: '',
  token: 'bearer',
  dpop: 'token bearer',
  live: 'token bearer',
  access: 'dpop token bearer',
  'options.ts': 'bearer dpop live token',
  'guard.ts': 'options.ts access live dpop token bearer',
  'index.ts': 'guard.ts options.ts access live dpop token bearer',
  routes: 'access token',
  adapters: 'routes guard.ts access dpop token bearer',
  testing: 'token',
}
const files = globSync('**/*.ts', { cwd: import.meta.dirname }).filter(
  (file) => !/\.test\.ts$|^conformance\//.test(file),
)

test('imports between the folders go one way: adapters, routes, guard, access, live, dpop, token, bearer', () => {
  const wrong = files.flatMap((file) => {
    const part = partOf(file)
    assert.ok(part in allowed, `${file} is in none of the known folders`)
    return importsOf(file)
      .map(partOf)
      .filter((imported) => imported !== part && !allowed[part]?.split(' ').includes(imported))
      .map((imported) => `${file} imports ${imported}`)
  })
  assert.deepEqual(wrong, [])
})

function partOf(file: string): string {
  return file.split(/[/\\]/)[0] ?? ''
}

function importsOf(file: string): string[] {
  const code = readFileSync(join(import.meta.dirname, file), 'utf8').replaceAll(/\/\*[^]*?\*\//g, '')
  return [...code.matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => join(dirname(file), path))
}
