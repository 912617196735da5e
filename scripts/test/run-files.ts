import { type FileResult, runFile } from './run-file.ts'

export type Tally = Omit<FileResult, 'story'>

const patienceMilliseconds = 15_000

/** Runs test files, `concurrency` at a time, and prints a line for each and the whole story of a failure. */
export async function runFiles(files: string[], concurrency: number): Promise<Tally> {
  const total: Tally = { passed: 0, failed: 0, skipped: 0 }
  const queue = [...files]
  const running = new Set<string>()
  const timer = setInterval(
    () => console.log(`… running ${[...running].join(', ')}; ${queue.length} files to come`),
    patienceMilliseconds,
  )

  async function work() {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      running.add(file)
      const started = performance.now()
      const result = await runFile(file)
      running.delete(file)
      timer.refresh()
      console.log(describeFile(file, result, performance.now() - started))
      total.passed += result.passed
      total.failed += result.failed
      total.skipped += result.skipped
    }
  }

  await Promise.all(Array.from({ length: concurrency }, work))
  clearInterval(timer)
  return total
}

export function describeTally({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function describeFile(file: string, result: FileResult, milliseconds: number): string {
  const mark = result.failed > 0 ? '✗' : '✓'
  const story = result.failed > 0 ? `\n${result.story}` : ''
  return `${mark} ${file}: ${describeTally(result)} (${(milliseconds / 1000).toFixed(1)} s)${story}`
}
