import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { processTable } from './processes.ts'

/** A member of the PostgreSQL cluster: PostgreSQL, and the Patroni that runs it. */
export class Member {
  readonly name: string
  readonly folder: string
  readonly port: number
  readonly restPort: number
  /** Where its data is, when that is a file system of its own. */
  readonly disk: string | undefined
  readonly #startPatroni: () => ChildProcess
  #patroni: ChildProcess | undefined

  constructor(
    options: Pick<Member, 'name' | 'folder' | 'port' | 'restPort' | 'disk'>,
    startPatroni: () => ChildProcess,
  ) {
    this.name = options.name
    this.folder = options.folder
    this.port = options.port
    this.restPort = options.restPort
    this.disk = options.disk
    this.#startPatroni = startPatroni
  }

  /** Starts Patroni, which starts PostgreSQL, unless it runs. */
  start(): void {
    const { exitCode, signalCode } = this.#patroni ?? { exitCode: 1 }
    if (exitCode !== null || signalCode) this.#patroni = this.#startPatroni()
  }

  get dataFolder(): string {
    return join(this.disk ?? this.folder, 'data')
  }

  get patroniPid(): number | undefined {
    return this.#patroni?.pid
  }

  /** The first process of PostgreSQL. */
  get postmasterPid(): number | undefined {
    const file = join(this.dataFolder, 'postmaster.pid')
    if (!existsSync(file)) return undefined
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
    // The file of a killed process stays, and its number may be given to another one.
    return processTable().some((one) => one.pid === pid && one.command.includes(this.dataFolder))
      ? pid
      : undefined
  }

  /** Sends a signal to all its processes: PostgreSQL first, because Patroni would start it again. */
  signal(signal: NodeJS.Signals): void {
    const postmaster = this.postmasterPid
    const children = processTable().filter(({ parent }) => parent === postmaster)
    for (const pid of [postmaster, ...children.map((child) => child.pid), this.patroniPid])
      if (pid !== undefined) trySignal(pid, signal)
  }
}

/** A process may end between a look at it and the signal. */
function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
