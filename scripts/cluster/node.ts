import { join } from 'node:path'
import { root } from '../install.js'
import { type Child, startChild, stopChild } from '../start/child.ts'
import { StartProblem } from '../start/problem.ts'
import { ready } from '../start/readiness.ts'

/** Longer than SHUTDOWN_SECONDS. */
const stopTimeoutMs = 12_000

interface NodeOptions {
  name: string
  port: number
  logFile: string
  /** Its settings. */
  env: Record<string, string>
  /** Variables for a library that is loaded before Node.js. */
  preload?: Record<string, string>
}

/** A Rolecall server, as `npm run server` runs it. */
export class Node {
  readonly name: string
  readonly url: string
  readonly env: Record<string, string>
  readonly logFile: string
  readonly #preload: Record<string, string>
  #child: Child | undefined

  constructor({ name, port, logFile, env, preload = {} }: NodeOptions) {
    this.name = name
    this.url = `http://127.0.0.1:${port}/`
    this.logFile = logFile
    this.env = { HOST: '127.0.0.1', PORT: String(port), ...env }
    this.#preload = preload
  }

  get pid(): number | undefined {
    return this.#child?.process.pid
  }

  /**
   * Resolves when it answers. Does nothing when it runs.
   * @param script another program than the server's, relative to the repository
   * @throws {StartProblem} with its last lines when it ends before
   */
  async start(script = 'apps/server/src/main.ts'): Promise<void> {
    if (this.#isRunning) return
    const child = startChild({
      name: this.name,
      script: join(root, script),
      env: { ...process.env, ...this.env, ...this.#preload },
      logFile: this.logFile,
      verbose: false,
      quiet: true,
    })
    this.#child = child
    const ended = child.ended.then((how) => {
      throw new StartProblem(`${child.lastLines()}\n${this.name} ended instead of answering (${how}).`)
    })
    await Promise.race([ready(child), ended])
    ended.catch(() => {})
  }

  get #isRunning(): boolean {
    const { exitCode, signalCode } = this.#child?.process ?? { exitCode: 1 }
    return exitCode === null && signalCode === null
  }

  /** Resolves when its process has ended. */
  async kill(): Promise<void> {
    this.#child?.process.kill('SIGKILL')
    await this.#child?.ended
  }

  /** Ends it as a service manager does. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child && this.#isRunning) await stopChild(child, stopTimeoutMs)
  }
}
