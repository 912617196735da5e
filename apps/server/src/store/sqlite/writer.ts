import { once } from 'node:events'
import { nextTick } from 'node:process'
import { Worker } from 'node:worker_threads'
import { StoreUnavailable } from '../errors.ts'
import type { WriteHealth } from '../write-health.ts'
import type { Outcome } from './connection.ts'
import type { Answer, Request } from './writer-thread.ts'

/** The maximum number of transactions per COMMIT, which bounds the wait of the first one. */
const GROUP_LIMIT = 100

/** Transactions that reach the disk together. `durable` settles when their common COMMIT has. */
export interface Group {
  size: number
  readonly durable: PromiseWithResolvers<void>
}

/** An error of SQLite, as node:sqlite throws it, from the thread. */
class SqliteError extends Error {
  override name = 'SqliteError'
  readonly errcode: unknown

  constructor(message: string, errcode: unknown) {
    super(message)
    this.errcode = errcode
  }
}

/**
 * Runs the writing transactions one after the other on a separate thread, and commits them in groups. While a COMMIT waits
 * for the disk, others queue. They then run after one BEGIN, each in a savepoint or as a single statement, and share the
 * next COMMIT. None is acknowledged before it.
 */
export class Writer {
  readonly #worker: Worker
  readonly #writes: WriteHealth
  readonly #unanswered = new Map<number, PromiseWithResolvers<Outcome>>()
  readonly #queue: PromiseWithResolvers<Group>[] = []
  #unsent: Request[] = []
  #lastId = 0
  #group: Group | undefined
  /** A transaction has its turn, or the COMMIT is under way. */
  #busy = false
  #closing = false
  #failure: Error | undefined

  static async open(file: string, writes: WriteHealth): Promise<Writer> {
    const writer = new Writer(file, writes)
    try {
      await writer.#answerTo(0)
      return writer
    } catch (error) {
      await writer.#worker.terminate()
      throw error
    }
  }

  private constructor(file: string, writes: WriteHealth) {
    this.#writes = writes
    this.#worker = new Worker(new URL('./writer-thread.ts', import.meta.url), {
      name: 'store writer',
      workerData: file,
      execArgv: [],
      // It holds a statement cache and one message at a time, so few objects live long.
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    })
    this.#worker.unref()
    this.#worker.on('message', (answers: Answer[]) => {
      for (const answer of answers) this.#settle(answer)
    })
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail())
  }

  /** Set when the writer has failed and cannot write any more. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Those that wait for a turn. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Waits for a turn, in which no other transaction runs; `leave` must follow. */
  enter(): Promise<Group> {
    const turn = Promise.withResolvers<Group>()
    this.#queue.push(turn)
    this.#next()
    return turn.promise
  }

  /** Ends the turn. The promise settles with the group's COMMIT. */
  leave(group: Group): Promise<void> {
    this.#busy = false
    this.#next()
    return group.durable.promise
  }

  /** A transaction of one statement, which is atomic without a savepoint. */
  async single(sql: string, parameters: readonly unknown[]): Promise<Outcome> {
    const group = await this.enter()
    const [outcome, durable] = await Promise.allSettled([this.send(sql, parameters), this.leave(group)])
    if (outcome.status === 'rejected') throw outcome.reason
    if (durable.status === 'rejected') throw durable.reason
    return outcome.value
  }

  /** Runs a statement in the turn this caller has. */
  send(sql: string, parameters: readonly unknown[] = []): Promise<Outcome> {
    if (this.#failure) return Promise.reject(this.#failure)
    const id = ++this.#lastId
    this.#post({ id, sql, parameters })
    return this.#answerTo(id)
  }

  /** Waits for the transactions under way, then ends the thread. */
  async close(): Promise<void> {
    await this.leave(await this.enter()).catch(() => {})
    this.#closing = true
    if (this.#failure) return
    const exit = once(this.#worker, 'exit')
    this.#worker.ref()
    this.#post('close')
    await exit
  }

  #next(): void {
    if (this.#busy) return
    const turn = this.#group && this.#group.size >= GROUP_LIMIT ? undefined : this.#queue.shift()
    if (turn) {
      this.#busy = true
      this.#group ??= this.#begin()
      this.#group.size++
      turn.resolve(this.#group)
    } else if (this.#group) {
      this.#busy = true
      void this.#commit(this.#group)
    }
  }

  #begin(): Group {
    // If it fails, the statements after it and COMMIT fail with the same error.
    this.send('begin immediate').catch(() => {})
    const durable = Promise.withResolvers<void>()
    // `leave` passes the rejection to the members. A member that has failed does not wait for it.
    durable.promise.catch(() => {})
    return { size: 0, durable }
  }

  async #commit(group: Group): Promise<void> {
    try {
      await this.send('commit')
      group.durable.resolve()
    } catch (error) {
      group.durable.reject(error)
    }
    this.#group = undefined
    this.#busy = false
    this.#next()
  }

  /**
   * Requests that follow each other without an answer in between, such as BEGIN, a statement and COMMIT, are one message: each
   * message wakes the thread, and its answer this one. A tick begins when no promise can add a further request.
   */
  #post(request: Request): void {
    this.#unsent.push(request)
    if (this.#unsent.length > 1) return
    nextTick(() => {
      const requests = this.#unsent
      this.#unsent = []
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window.
      this.#worker.postMessage(requests)
    })
  }

  #answerTo(id: number): Promise<Outcome> {
    const answer = Promise.withResolvers<Outcome>()
    this.#unanswered.set(id, answer)
    this.#worker.ref()
    return answer.promise
  }

  #settle(answer: Answer): void {
    const waiting = this.#unanswered.get(answer.id)
    this.#unanswered.delete(answer.id)
    if (this.#unanswered.size === 0) this.#worker.unref()
    if ('outcome' in answer) return waiting?.resolve(answer.outcome)
    const error = new SqliteError(answer.failure.message, answer.failure.code)
    this.#writes.note(error)
    waiting?.reject(error)
  }

  #fail(cause?: Error): void {
    const message = this.#closing
      ? 'The store is closed'
      : 'The thread that writes the store has ended; restart the server'
    this.#failure ??= new StoreUnavailable(message, { cause })
    for (const { reject } of this.#unanswered.values()) reject(this.#failure)
    this.#unanswered.clear()
  }
}
