import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

test('every file that a document links to is there', () => {
  const files = globSync('{*.md,docs/**/*.md,{apps,packages,samples}/*/*.md}', {
    exclude: ['**/node_modules/**'],
  })
  const missing = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)]
      .map(([, target = '']) => join(dirname(file), decodeURIComponent(target)))
      .filter((target) => !existsSync(target))
      .map((target) => `${file} → ${target}`),
  )
  assert.deepEqual(missing, [])
})

test('every test file that docs/standards.md names is there', () => {
  const names = [...readFileSync('docs/standards.md', 'utf8').matchAll(/`([\w./-]+\.test\.ts)`/g)]
  const places = names.map(([, name = '']) =>
    name.startsWith('guard/')
      ? join('packages/guard/src', name.slice('guard/'.length))
      : name.startsWith('e2e/')
        ? name
        : join('apps/server/src', name),
  )
  assert.ok(places.length > 20)
  assert.deepEqual(
    places.filter((place) => !existsSync(place)),
    [],
  )
})
