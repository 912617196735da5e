import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import type { TestGroup, Tests } from './files.ts'

/** A file that hangs must not keep the others from their verdict. */
const limitMinutes = 10
const progressMilliseconds = 15_000
const several = fileURLToPath(import.meta.resolve('./group.ts'))

export interface Tally {
  passed: number
  failed: number
  skipped: number
}

interface GroupResult extends Tally {
  /** Failures with their reasons, and the names of skipped tests. */
  report: string
}

/**
 * Runs groups of test files with `run()` of node:test and prints a line for each. As many run at a time as there are cores,
 * the slow ones first, and one more of the quick ones: the slow ones often wait for a browser, a database or a clock.
 *
 * Each group has a separate `run()`: one for all has a limit for each test but none for a file, and holds back the
 * results of a file until all files before it are finished.
 * @param stop ends the groups that run and starts no others
 */
export async function runGroups({ slow, quick }: Tests, cores: number, stop: AbortSignal): Promise<Tally> {
  const total: Tally = { passed: 0, failed: 0, skipped: 0 }
  const queues = { slow: [...slow], quick: [...quick] }
  const nextQuick = () => queues.quick.shift()
  const next = () => queues.slow.shift() ?? nextQuick()
  const running = new Set<string>()
  const timer = setInterval(
    () =>
      console.log(
        `… running ${[...running].join(', ')}; ${queues.slow.length + queues.quick.length} to come`,
      ),
    progressMilliseconds,
  )

  async function work(take: () => TestGroup | undefined) {
    for (let group = take(); group !== undefined && !stop.aborted; group = take()) {
      running.add(group.name)
      const started = performance.now()
      const result = await runGroup(group, stop)
      running.delete(group.name)
      timer.refresh()
      console.log(describeGroup(group, result, performance.now() - started))
      total.passed += result.passed
      total.failed += result.failed
      total.skipped += result.skipped
    }
  }

  await Promise.all([work(nextQuick), ...Array.from({ length: cores }, () => work(next))])
  clearInterval(timer)
  return total
}

export function describeTally({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

async function runGroup({ files }: TestGroup, stop: AbortSignal): Promise<GroupResult> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(limitMinutes * 60_000)])
  const execArgv = ['--disable-warning=ExperimentalWarning']
  const started = files.length > 1 ? { files: [several], argv: files } : { files }
  const { counts, report, output, tested } = await readEvents(run({ ...started, signal, execArgv }))
  if (counts.failed > 0) return { ...counts, report: output + report }
  const untested = files.filter((file) => !isTested(file, files, tested))
  if (untested.length === 0) return { ...counts, report }
  const missing = untested.map((file) => `  ✗ ${relative(process.cwd(), file)} has no test\n`).join('')
  // Node.js counts a process without a test as one test that passed.
  const passed = tested === undefined ? 0 : counts.passed
  return { ...counts, passed, failed: untested.length, report: output + report + missing }
}

/** Of files that run alone, some have their tests from a function that several share. */
function isTested(file: string, files: string[], tested: Set<string> | undefined): boolean {
  return tested !== undefined && (files.length === 1 || tested.has(resolve(file)))
}

/** @returns the counts, and the files that tests are in; `tested` is undefined where no file has reported any */
async function readEvents(events: ReturnType<typeof run>) {
  let counts: Tally = { passed: 0, failed: 0, skipped: 0 }
  let report = ''
  let output = ''
  let hasRead = false
  const tested = new Set<string>()
  for await (const event of events) {
    const { type, data } = event
    if (type === 'test:stdout' || type === 'test:stderr') output += data.message
    if (type === 'test:diagnostic' && data.file !== undefined) output += `${data.message}\n`
    if (type === 'test:pass' || type === 'test:fail') {
      tested.add(data.file ?? '')
      report += describeTest(event)
    }
    // The first summary comes from the process itself, the last is about all there was, its exit code included.
    if (type === 'test:summary') {
      if (data.file !== undefined) hasRead = true
      const { passed, failed, cancelled, skipped, todo } = data.counts
      counts = { passed, failed: failed + cancelled, skipped: skipped + todo }
    }
  }
  return { counts, report, output, tested: hasRead ? tested : undefined }
}

function describeTest({ type, data }: Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>): string {
  if (data.skip !== undefined || data.todo !== undefined) {
    const why = data.skip ?? data.todo
    return `  skipped: ${data.name}${typeof why === 'string' ? ` (${why})` : ''}\n`
  }
  if (type === 'test:pass') return ''
  const { error } = data.details
  const reason = error.cause instanceof Error ? error.cause : error
  // The test inside it has the reason.
  if ('failureType' in error && error.failureType === 'subtestsFailed') return ''
  const place = data.file === undefined ? '' : ` (${relative(process.cwd(), data.file)}:${data.line})`
  return `  ✗ ${data.name}${place}\n${inspect(reason, { depth: 6 }).replaceAll(/^/gm, '    ')}\n`
}

function describeGroup({ name, files }: TestGroup, result: GroupResult, milliseconds: number): string {
  const mark = result.failed > 0 ? '✗' : '✓'
  const count = files.length > 1 ? `${files.length} files, ` : ''
  const line = `${mark} ${name}: ${describeTally(result)} (${count}${(milliseconds / 1000).toFixed(1)} s)`
  return result.report === '' ? line : `${line}\n${result.report.trimEnd()}`
}
