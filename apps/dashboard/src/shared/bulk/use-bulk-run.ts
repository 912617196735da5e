import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { explain } from '../ui/failure.tsx'
import { type Outcome, type Report, runInBatches } from './run.ts'

/** A change that is under way. */
export interface Running {
  total: number
  done: number
  isStopping: boolean
}

interface Work<Item, Undo> {
  keyOf: (item: Item) => string
  run: (items: Item[]) => Promise<Outcome<Undo>[]>
  /** What the report says of so many that were changed. */
  done: (n: number) => string
}

/** Runs a change batch by batch, and keeps its progress and then its report. */
export function useBulkRun<Undo>(batch: number) {
  const queries = useQueryClient()
  const [running, setRunning] = useState<Running>()
  const [report, setReport] = useState<Report<Undo> & { title: string }>()
  const isStopped = useRef(false)
  const start = async <Item, Next extends Undo>(items: Item[], { keyOf, run, done }: Work<Item, Next>) => {
    isStopped.current = false
    setReport(undefined)
    setRunning({ total: items.length, done: 0, isStopping: false })
    const result = await runInBatches(items, {
      batch,
      keyOf,
      run,
      explain,
      onProgress: (count) => setRunning((old) => old && { ...old, done: count }),
      isStopped: () => isStopped.current,
    })
    await queries.invalidateQueries()
    setRunning(undefined)
    setReport({ ...result, title: done(result.changed) })
  }
  const stop = () => {
    isStopped.current = true
    setRunning((old) => old && { ...old, isStopping: true })
  }
  return { running, report, start, stop }
}
