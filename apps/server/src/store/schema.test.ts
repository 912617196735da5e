import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

test('docs/data-model.md has one row for each table of the schema', async () => {
  const schema = await readFile(new URL('schema.ts', import.meta.url), 'utf8')
  const [, tables = ''] = /interface Database \{([^}]*)\}/.exec(schema) ?? []
  const document = await readFile(new URL('../../../../docs/data-model.md', import.meta.url), 'utf8')
  const names = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, name = '']) => name).toSorted((a, b) => a.localeCompare(b))
  assert.deepEqual(names(document, /^\| `(\w+)` \|/gm), names(tables, /^ {2}(\w+): /gm))
})
