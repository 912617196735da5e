import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runFile } from './run-file.ts'

async function outcome(t: TestContext, source: string) {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-runner-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'some.test.ts')
  writeFileSync(file, `import { suite, test } from 'node:test'\n${source}`)
  const { story, ...counts } = await runFile(file)
  return { ...counts, story }
}

test('counts tests, not suites, and tells the story of a failure once', async (t) => {
  const { story, ...counts } = await outcome(
    t,
    `suite('all', () => {
       test('right', () => {})
       test('wrong', () => { throw new Error('the reason') })
       test.skip('later', () => {})
       test.todo('some day')
     })`,
  )
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 2 })
  assert.match(story, /✗ wrong .*\n.*the reason/)
  assert.equal(story.match(/the reason/g)?.length, 1)
})

test('a file without a test is a failure', async (t) => {
  const { story, ...counts } = await outcome(t, 'void [suite, test]')
  assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 0 })
  assert.match(story, /has no test/)
})

test('a file that breaks outside its tests is a failure, whatever they say', async (t) => {
  const { failed, story } = await outcome(t, `test('right', () => {})\nthrow new Error('broken')`)
  assert.equal(failed, 1)
  assert.match(story, /broken/)
})

test('a suite whose hook fails is a failure', async (t) => {
  const { failed, story } = await outcome(
    t,
    `import { before } from 'node:test'
     suite('all', () => { before(() => { throw new Error('no ground') }); test('right', () => {}) })`,
  )
  assert.ok(failed > 0)
  assert.match(story, /no ground/)
})
