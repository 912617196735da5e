// A reporter for node:test (`--test-reporter`): one line of JSON per test, for `runFile` to read.
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

export interface TestResult {
  state: 'passed' | 'failed' | 'skipped'
  /** What went wrong and where; empty where a test inside tells it. */
  story: string
}

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const failure = type === 'test:fail' ? data.details.error : undefined
    const isWhole = failure && 'failureType' in failure && failure.failureType === 'subtestsFailed'
    if (data.details.type === 'suite' && (!failure || isWhole)) continue
    const skipped = data.skip !== undefined || data.todo !== undefined
    const result: TestResult = {
      state: skipped ? 'skipped' : failure ? 'failed' : 'passed',
      story: failure && !isWhole ? describe(data, failure) : '',
    }
    yield `${JSON.stringify(result)}\n`
  }
}

function describe(test: { name: string; file?: string; line?: number }, failure: Error): string {
  const place = test.file ? ` (${relative(process.cwd(), test.file)}:${test.line})` : ''
  const reason = inspect(failure.cause ?? failure, { depth: 6 })
  return `  ✗ ${test.name}${place}\n${reason.replaceAll(/^/gm, '    ')}\n`
}
