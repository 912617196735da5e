import { join } from 'node:path'
import { root } from '../install.js'
import { type Child, startChild, stopChild } from './child.ts'
import { StartProblem } from './problem.ts'

/** The system must have ended two seconds after the request to stop. */
const stopTimeoutMs = 1500

/** Runs several programs. When one ends unexpectedly, all are stopped. */
export class Supervisor {
  /** Rejects with a StartProblem when a program ends unexpectedly. It never resolves. */
  readonly failed: Promise<never>
  readonly #logs: string
  readonly #verbose: boolean
  readonly #fail: (reason: StartProblem) => void
  readonly #children: Child[] = []
  readonly #closing: (() => Promise<unknown>)[] = []
  #stopped: Promise<void> | undefined

  constructor({ logs, verbose }: { logs: string; verbose: boolean }) {
    const { promise, reject } = Promise.withResolvers<never>()
    this.failed = promise
    // Prevents an unhandled rejection while no caller awaits it.
    promise.catch(() => {})
    this.#fail = reject
    this.#logs = logs
    this.#verbose = verbose
  }

  /** @param script relative to the repository */
  start(name: string, script: string, env: Record<string, string>): Child {
    if (this.#stopped) throw new StartProblem('The system is being stopped.')
    const child = startChild({
      name,
      script: join(root, script),
      env: { ...process.env, ...env },
      logFile: join(this.#logs, `${name}.log`),
      verbose: this.#verbose,
    })
    this.#children.push(child)
    void this.#watch(child)
    return child
  }

  async #watch({ name, ended, lastLines }: Child): Promise<void> {
    const how = await ended
    if (!this.#stopped)
      this.#fail(new StartProblem(`${lastLines()}\nThe ${name} ended (${how}), so all was stopped.`))
  }

  onStop(close: () => Promise<unknown>): void {
    this.#closing.push(close)
  }

  stop(): Promise<void> {
    this.#stopped ??= Promise.all([
      ...this.#closing.map((close) => close()),
      ...this.#children.map((child) => stopChild(child, stopTimeoutMs)),
    ]).then(() => undefined)
    return this.#stopped
  }
}
