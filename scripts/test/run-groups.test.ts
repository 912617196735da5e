import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const runner = fileURLToPath(new URL('../test.ts', import.meta.url))

/** Runs `npm run test:unit` on a folder that holds these files. */
async function runTests(t: TestContext, sources: Record<string, string>, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-runner-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, source] of Object.entries(sources)) {
    const file = join(folder, 'scripts', `${name}.test.ts`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `import { before, suite, test } from 'node:test'\n${source}`)
  }
  // Node.js runs no test files for a program that is a test file itself.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, [runner, '--unit', ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [output, problems, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { output, problems, code, lastLine: output.trimEnd().split('\n').at(-1) }
}

const limit = { timeout: 60_000 }

test('tests are counted, not suites, and a failure is reported once', limit, async (t) => {
  const { output, lastLine, code } = await runTests(t, {
    some: `suite('all', () => {
       test('right', () => {})
       test('wrong', () => { console.log('what it printed'); throw new Error('the reason') })
       test('later', { skip: 'no mail server' }, () => {})
       test('some day', { todo: true }, () => {})
     })`,
  })
  assert.equal(lastLine, '1 passed, 1 failed, 2 skipped')
  assert.equal(code, 1)
  assert.match(output, /what it printed/)
  assert.match(output, /✗ wrong \(scripts\/some\.test\.ts:4\)\n.*the reason/)
  assert.equal(output.match(/Error: the reason/g)?.length, 1)
  assert.match(output, /skipped: later \(no mail server\)\n {2}skipped: some day/)
})

test('without a failure the exit code is 0, and only the files that are named run', limit, async (t) => {
  const sources = { good: `test('right', () => {})`, bad: `test('wrong', () => { throw new Error() })` }
  const { lastLine, code, output } = await runTests(t, sources, 'scripts/goo')
  assert.equal(lastLine, '1 passed, 0 failed')
  assert.equal(code, 0)
  assert.ok(!output.includes('bad'))
})

test('no file, and a file without a test, are failures', limit, async (t) => {
  const none = await runTests(t, {})
  assert.equal(none.lastLine, '0 passed, 0 failed')
  assert.match(none.problems, /No test was run/)
  assert.equal(none.code, 1)
  const empty = await runTests(t, { empty: 'void [before, suite, test]' })
  assert.equal(empty.lastLine, '0 passed, 1 failed')
  assert.match(empty.output, /has no test/)
})

test('a file that fails outside its tests is a failure, whatever they say', limit, async (t) => {
  const { lastLine, output, code } = await runTests(t, {
    early: `test('right', () => {})\nthrow new Error('broken early')`,
    late: `test('right', () => { process.on('exit', () => { process.exitCode = 3 }) })`,
    hook: `suite('all', () => { before(() => { throw new Error('no server') }); test('right', () => {}) })`,
  })
  assert.equal(code, 1)
  assert.equal(lastLine, '1 passed, 3 failed')
  for (const reason of [/broken early/, /exitCode: 3/, /no server/]) assert.match(output, reason)
})

test('quick files of a package share a process, and each must have a test', limit, async (t) => {
  const { output, lastLine } = await runTests(t, {
    '../apps/server/src/roles/one': `test('first', () => { globalThis.process.title = 'shared' })`,
    '../apps/server/src/users/two': `test('second', () => { if (process.title !== 'shared') throw new Error('alone') })`,
    '../apps/dashboard/src/three': `test('third', () => { if (process.title === 'shared') throw new Error('not alone') })`,
    '../apps/server/src/users/untested': 'void [before, suite, test]',
  })
  assert.equal(lastLine, '3 passed, 1 failed')
  assert.match(output, /✗ apps\/server\/src: 2 passed, 1 failed \(3 files/)
  assert.match(output, /users\/untested\.test\.ts has no test/)
})

test('a run that is told to stop ends its test files and fails', limit, async (t) => {
  const { output, code } = await runTests(t, {
    hang: `test('hangs', async () => { process.kill(process.ppid, 'SIGTERM'); await new Promise((resolve) => setTimeout(resolve, 40_000)) })`,
    other: `test('right', () => {})`,
  })
  assert.equal(code, 1)
  assert.match(output, /hang\.test\.ts/)
  assert.match(output, /aborted/)
})
