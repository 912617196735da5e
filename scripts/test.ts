// `npm test`: sets up what the tests need, runs them all and counts.
//   npm test -- users      only the files whose path contains "users"
//   npm run test:unit      without the browser journeys and the slow ones: seconds
import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { startTestPostgres } from '../apps/server/src/store/testing.ts'
import { ensureBrowser } from './test/browser.ts'
import { describeTally, runFiles, type Tally } from './test/run-files.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { unit: { type: 'boolean' } } })

const files = globSync('{apps,packages,samples,e2e,bench,scripts}/**/*.test.{ts,tsx}', {
  exclude: ['**/node_modules/**', '**/dist/**'],
})
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))
  .toSorted()
const quick = files.filter((file) => !isThorough(file))
const thorough = values.unit ? [] : files.filter(isThorough)

/** Whole systems, browsers, hundreds of rounds: these run after the others and leave each other room. */
function isThorough(file: string): boolean {
  if (file.startsWith('e2e') || /\.slow\.test\.tsx?$/.test(file)) return true
  return /from '[^']*(browser|playwright)/.test(readFileSync(file, 'utf8'))
}

const total: Tally = { passed: 0, failed: 0, skipped: 0 }
const cores = availableParallelism()
try {
  if (thorough.length > 0) process.env.CHROMIUM_PATH = await ensureBrowser()
  const postgres = await startTestPostgres()
  process.env.ROLECALL_TEST_POSTGRES_URL ??= postgres.url
  try {
    for (const [part, concurrency] of [
      [quick, cores],
      [thorough, Math.ceil(cores / 2)],
    ] as const) {
      if (part.length === 0) continue
      const { passed, failed, skipped } = await runFiles(part, concurrency)
      total.passed += passed
      total.failed += failed
      total.skipped += skipped
    }
  } finally {
    await postgres.stop()
  }
  if (total.passed + total.failed === 0) throw new Error('No test was run: no file matches.')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
if (total.failed > 0) process.exitCode = 1
console.log(describeTally(total))
