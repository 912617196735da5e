import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { nodeFlags } from '../node-flags.js'

export interface ChildOptions {
  name: string
  /** Path of the JavaScript or TypeScript to run. */
  script: string
  args?: string[]
  cwd?: string
  env: NodeJS.ProcessEnv
  /** Where its lines go; absent, only the last ones are remembered. */
  logFile?: string
  /** Whether they are all shown here too, and not the errors alone. */
  verbose: boolean
  /** Whether errors go to the log file only. */
  quiet?: boolean
}

/** A program of this repository in a child process, which ends when this process ends, even if it is killed. */
export interface Child {
  name: string
  process: ChildProcess
  /** Resolves with how it ended: `exit code 1`, `SIGKILL`. */
  ended: Promise<string>
  lastLines: () => string
}

const remembered = 20
const endWithParent = import.meta.resolve('../end-with-parent.js')

export function startChild({
  name,
  script,
  args = [],
  cwd,
  env,
  logFile,
  verbose,
  quiet,
}: ChildOptions): Child {
  const flags = [...nodeFlags, `--import=${endWithParent}`]
  const child = spawn(process.execPath, [...flags, script, ...args], {
    ...(cwd && { cwd }),
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const lines: string[] = []
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { mode: 0o600 })
  const keep = (line: string, isError: boolean) => {
    log?.write(`${line}\n`)
    if (lines.push(line) > remembered) lines.shift()
    if (verbose) console.log(`[${name}] ${line}`)
    else if (logFile && isError && !quiet) console.error(`[${name}] ${line}`)
  }
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) =>
        keep(line, stream === child.stderr || isLoggedError(line)),
      )
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => {
      log?.end()
      resolve(signal ?? `exit code ${code}`)
    })
  })
  return { name, process: child, ended, lastLines: () => lines.join('\n') }
}

/** pino writes lines of JSON. Those of level 50 and above are errors. */
function isLoggedError(line: string): boolean {
  const level = /^\{"level":(\d+),/.exec(line)?.[1]
  return Number(level) >= 50
}

/** Asks to end, and insists after a while. */
export async function stopChild(
  { process: child, ended }: Child,
  patienceMilliseconds: number,
): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMilliseconds)
  child.kill('SIGTERM')
  await ended
  clearTimeout(timer)
}
