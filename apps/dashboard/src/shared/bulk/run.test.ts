import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Outcome, runInBatches } from './run.ts'

const options = {
  batch: 2,
  keyOf: (item: string) => item,
  explain: (error: unknown) => (error instanceof Error ? error.message : ''),
  onProgress: () => {},
  isStopped: () => false,
}

test('objects are changed in batches, and the report counts what became of them', async () => {
  const calls: string[][] = []
  const progress: number[] = []
  const report = await runInBatches(['a', 'b', 'c', 'd', 'e'], {
    ...options,
    onProgress: (done) => progress.push(done),
    run: async (items) => {
      calls.push(items)
      return items.map((key): Outcome<string> => {
        if (key === 'b') return { key, kind: 'unchanged' }
        if (key === 'd') return { key, kind: 'failed', reason: 'no such user' }
        return { key, kind: 'changed', undo: `undo ${key}` }
      })
    },
  })
  assert.deepEqual(calls, [['a', 'b'], ['c', 'd'], ['e']])
  assert.deepEqual(progress, [2, 4, 5])
  assert.deepEqual(report, {
    changed: 3,
    unchanged: 1,
    failed: [{ key: 'd', reason: 'no such user' }],
    notTried: 0,
    undo: ['undo a', 'undo c', 'undo e'],
  })
})

test('after a call that fails as a whole the rest is not tried', async () => {
  const report = await runInBatches(['a', 'b', 'c', 'd', 'e'], {
    ...options,
    run: async (items) => {
      if (items.includes('c')) throw new Error('no answer')
      return items.map((key) => ({ key, kind: 'changed' }))
    },
  })
  assert.deepEqual(report.failed, [
    { key: 'c', reason: 'no answer' },
    { key: 'd', reason: 'no answer' },
  ])
  assert.deepEqual([report.changed, report.notTried], [2, 1])
})

test('it can be stopped between two batches', async () => {
  let isStopped = false
  const report = await runInBatches(['a', 'b', 'c'], {
    ...options,
    isStopped: () => isStopped,
    run: async (items) => {
      isStopped = true
      return items.map((key) => ({ key, kind: 'changed' }))
    },
  })
  assert.deepEqual([report.changed, report.notTried], [2, 1])
})
