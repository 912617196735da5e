/**
 * The thread that owns the writing connection, so that waiting for the disk does not block the server. It runs the
 * requests of `writer.ts` in order and answers each once, those of one message together. Answer 0 is sent first and says
 * whether the store opened.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { codeOf } from '../values.ts'
import { Connection, type Outcome } from './connection.ts'

/** `close` ends the thread and is not answered. */
export type Request = { id: number; sql: string; parameters: readonly unknown[] } | 'close'
export type Answer = { id: number } & ({ outcome: Outcome } | { failure: { message: string; code: unknown } })

/** Only another program, such as a backup, can hold the lock. */
const BUSY_TIMEOUT_MS = 2_000

const port = parentPort
if (!port) throw new Error('This file is a thread of the store')

let connection: Connection | undefined
const opened = answer(0, () => {
  connection = new Connection(String(workerData), { busyTimeoutMs: BUSY_TIMEOUT_MS })
  return { rows: [] }
})
port.postMessage([opened])

port.on('message', (requests: Request[]) => {
  const answers: Answer[] = []
  for (const request of requests)
    if (request !== 'close') answers.push(answer(request.id, () => run(request.sql, request.parameters)))
  port.postMessage(answers)
  if (!requests.includes('close')) return
  connection?.close()
  port.close()
})

/** Why there is no transaction: BEGIN failed, or an error such as a full disk made SQLite roll it back. */
let undoing: unknown = new Error('No transaction was begun')

/** Statements follow BEGIN without waiting for its answer. Without a transaction none may run, because it would commit alone. */
function run(sql: string, parameters: readonly unknown[]): Outcome {
  if (!connection) throw new Error('The store is not open')
  const { database } = connection
  if (!database.isTransaction && sql !== 'begin immediate') throw undoing
  try {
    return connection.run(sql, parameters)
  } catch (error) {
    if (sql === 'commit' && database.isTransaction) database.exec('rollback')
    if (!database.isTransaction) undoing = error
    throw error
  }
}

function answer(id: number, work: () => Outcome): Answer {
  try {
    return { id, outcome: work() }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return { id, failure: { message: text, code: codeOf(error) } }
  }
}
