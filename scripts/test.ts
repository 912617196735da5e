// `npm test`: sets up what the tests need, runs them all and counts.
//   npm test -- users      only the files whose path contains "users"
//   npm run races -- --rounds 200   the races between ends and uses of sessions, with more rounds
//   npm run test:unit      without PostgreSQL, browsers and the slow ones: the quickest useful answer
import { existsSync, globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { startTestPostgres } from '../apps/server/src/store/testing.ts'
import { ensureBrowser } from './test/browser.ts'
import { describeTally, runFiles, type Tally } from './test/run-files.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { unit: { type: 'boolean' }, rounds: { type: 'string' } },
})

if (values.rounds) process.env.ROLECALL_RACE_ROUNDS = values.rounds

const files = globSync('{apps,packages,samples,e2e,bench,scripts}/**/*.test.{ts,tsx}', {
  exclude: ['**/node_modules/**', '**/dist/**'],
})
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))
  .toSorted()
const quick = files.filter((file) => !isThorough(file))
const thorough = files.filter(isThorough)
const cores = availableParallelism()
const total: Tally = { passed: 0, failed: 0, skipped: 0 }

// Stores of tests are made and thrown away by the hundred: in memory, where the system offers it.
if (existsSync('/dev/shm')) process.env.TMPDIR ??= '/dev/shm'
try {
  if (values.unit) await runUnit()
  else await runAll()
  if (total.passed + total.failed === 0) throw new Error('No test was run: no file matches.')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
if (total.failed > 0) process.exitCode = 1
console.log(describeTally(total))

async function runUnit(): Promise<void> {
  console.log('Without PostgreSQL, browsers and the slow ones, which `npm test` runs too.')
  process.env.ROLECALL_TEST_WITHOUT = 'PostgreSQL'
  await run(quick, cores)
}

async function runAll(): Promise<void> {
  if (thorough.length > 0) process.env.CHROMIUM_PATH = await ensureBrowser()
  const postgres = await startTestPostgres()
  process.env.ROLECALL_TEST_POSTGRES_URL ??= postgres.url
  try {
    await run(quick, cores)
    await run(thorough, Math.ceil(cores / 2))
  } finally {
    await postgres.stop()
  }
}

async function run(part: string[], concurrency: number): Promise<void> {
  if (part.length === 0) return
  const { passed, failed, skipped } = await runFiles(part, concurrency)
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
}

/** Whole systems, browsers, hundreds of rounds: these run after the others and leave each other room. */
function isThorough(file: string): boolean {
  if (file.startsWith('e2e') || /\.slow\.test\.tsx?$/.test(file)) return true
  return /from '[^']*(testing-browser|playwright)/.test(readFileSync(file, 'utf8'))
}
