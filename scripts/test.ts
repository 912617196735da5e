// `npm test`: sets up what the tests need, runs them all and counts.
//   npm test -- users      only the files whose path contains "users"
//   npm run races -- --rounds 200   races for one-time values and between ends and uses of sessions, with more rounds
//   npm run test:unit      without PostgreSQL, browsers and the slow ones: the quickest useful answer
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { startTestPostgres } from '@rolecall/server/test-kit/store'
import { buildIfStale, dashboardPart } from './start/build.ts'
import { ensureBrowser } from './test/browser.ts'
import { findTests } from './test/files.ts'
import { describeTally, runGroups, type Tally } from './test/run-groups.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { unit: { type: 'boolean' }, rounds: { type: 'string' } },
})

if (values.rounds) process.env.ROLECALL_RACE_ROUNDS = values.rounds

const tests = findTests(positionals)
const cores = availableParallelism()

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

// Stores of tests are made and thrown away by the hundred: in memory, where the system offers it.
if (existsSync('/dev/shm')) process.env.TMPDIR ??= '/dev/shm'
let total: Tally = { passed: 0, failed: 0, skipped: 0 }
try {
  total = await (values.unit ? runUnit() : runAll())
  if (total.passed + total.failed === 0) throw new Error('No test was run: no file matches.')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
if (total.failed > 0 || stop.signal.aborted) process.exitCode = 1
console.log(describeTally(total))

function runUnit(): Promise<Tally> {
  console.log('Without PostgreSQL, browsers and the slow ones, which `npm test` runs too.')
  process.env.ROLECALL_TEST_WITHOUT = 'PostgreSQL'
  return runGroups({ slow: [], quick: tests.quick }, cores, stop.signal)
}

async function runAll(): Promise<Tally> {
  if (tests.slow.length > 0) {
    process.env.CHROMIUM_PATH = await ensureBrowser()
    // Once, because a system that starts while another one replaces the build serves none.
    await buildIfStale(dashboardPart)
  }
  const postgres = await startTestPostgres()
  process.env.ROLECALL_TEST_POSTGRES_URL ??= postgres.url
  try {
    return await runGroups(tests, cores, stop.signal)
  } finally {
    await postgres.stop()
  }
}
