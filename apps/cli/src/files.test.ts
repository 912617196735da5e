import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { assert as check, jsonValue, property } from 'fast-check'
import { stringify } from 'yaml'
import { parseYaml, readYaml } from './files.ts'
import { testTerminal } from './testing.ts'

describe('a file that a command reads', () => {
  it('may be YAML or JSON', () => {
    check(
      property(jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value))
        assert.deepEqual(parseYaml(stringify(plain, { compat: 'yaml-1.1' }), 'file'), plain)
        assert.deepEqual(parseYaml(JSON.stringify(plain), 'file'), plain)
      }),
    )
  })

  it('keeps a text that looks like a number or a date', () => {
    for (const text of ['1_000', '0o17', '0x1f', '1e3', '2026-01-01', 'yes', 'null', '~', '.inf'])
      assert.deepEqual(parseYaml(stringify({ text }, { compat: 'yaml-1.1' }), 'file'), { text })
  })

  for (const [what, text, message] of [
    ['a wrong indentation', 'roles:\n  - name: a\n - name: b\n', /^f.yaml is not valid YAML\. .* at line 3/s],
    ['a member that is named twice', 'roles: []\nroles: []\n', /^f.yaml is not valid YAML\. .* at line 2/s],
    [
      'an alias of its own parent',
      'a: &a [*a]\n',
      /^f.yaml is not valid YAML\. the document is nested too deeply/,
    ],
    ['aliases that grow', `a: &a [x]\n${grow()}`, /^f.yaml is not valid YAML/],
  ] as const)
    it(`is refused with ${what}`, async (t) => {
      const { folder } = await testTerminal(t)
      await writeFile(join(folder, 'f.yaml'), text)
      await assert.rejects(readYaml(join(folder, 'f.yaml')), ({ message: said }: Error) =>
        message.test(said.slice(folder.length + 1)),
      )
    })

  it('is refused with a reason when it is missing', async (t) => {
    const { folder } = await testTerminal(t)
    await assert.rejects(readYaml(join(folder, 'none.yaml')), /none\.yaml cannot be read: ENOENT/)
  })
})

/** Each member has the one before it ten times. */
function grow(): string {
  const names = 'abcdefghij'.split('')
  return names
    .slice(1)
    .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${names[index]}`).join(', ')}]`)
    .join('\n')
}
