/**
 * The thread that owns the writing connection, so that waiting for the disk does not stop the server. It runs what
 * `writer.ts` sends, in order, and answers each message once; answer 0 tells, unasked, whether the store opened.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { codeOf } from '../values.ts'
import { Connection, type Outcome } from './connection.ts'

/** `close` ends the thread and is not answered. */
export type Request = { id: number; sql: string; parameters: readonly unknown[] } | 'close'
export type Answer = { id: number } & ({ outcome: Outcome } | { failure: { message: string; code: unknown } })

const BUSY_TIMEOUT_MS = 5_000

const port = parentPort
if (!port) throw new Error('This file is a thread of the store')

let connection: Connection | undefined
answer(0, () => {
  connection = new Connection(String(workerData), { busyTimeoutMs: BUSY_TIMEOUT_MS })
  return { rows: [] }
})

port.on('message', (request: Request) => {
  if (request !== 'close') return answer(request.id, () => run(request.sql, request.parameters))
  connection?.close()
  port.close()
})

/** Outside a transaction only BEGIN runs: what follows a failed BEGIN, or an error that made SQLite undo all, must not commit by itself. */
function run(sql: string, parameters: readonly unknown[]): Outcome {
  if (!connection) throw new Error('The store is not open')
  const { database } = connection
  if (!database.isTransaction && sql !== 'begin immediate') throw new Error('The transaction has been undone')
  try {
    return connection.run(sql, parameters)
  } catch (error) {
    if (sql === 'commit' && database.isTransaction) database.exec('rollback')
    throw error
  }
}

function answer(id: number, work: () => Outcome): void {
  let message: Answer
  try {
    message = { id, outcome: work() }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    message = { id, failure: { message: text, code: codeOf(error) } }
  }
  port?.postMessage(message)
}
