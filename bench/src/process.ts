import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { cpus } from 'node:os'
import { promisify } from 'node:util'

/** A server with a large store, on a busy machine. */
const startSeconds = 180
const answerSeconds = 10
const endWithParent = import.meta.resolve('../../scripts/end-with-parent.js')

/** A program of the repository in a child process. */
export interface BenchProcess extends AsyncDisposable {
  pid: number
  address: string
  /** Sends a message over IPC. @returns the answer of the program or of a preloaded script */
  ask(question: string, seconds?: number): Promise<unknown>
}

/**
 * Starts a script that reports `{ ready: true }` by IPC once it answers on `PORT`. It has the first core; this process runs
 * the load on the other cores.
 *
 * @param preload another script that runs in the same process, before this one
 */
export async function startOnCore(
  script: string,
  env: Record<string, string>,
  preload?: string,
): Promise<BenchProcess> {
  await leaveFirstCore()
  return start('0', script, env, preload)
}

/** As `startOnCore`, on all cores. */
export async function startOnCores(
  script: string,
  env: Record<string, string>,
  preload?: string,
): Promise<BenchProcess> {
  return start(`0-${cpus().length - 1}`, script, env, preload)
}

async function start(
  cores: string,
  script: string,
  env: Record<string, string>,
  preload: string | undefined,
): Promise<BenchProcess> {
  const preloads = preload === undefined ? [endWithParent] : [endWithParent, `./${preload}`]
  const flags = preloads.flatMap((file) => ['--import', file])
  const child = spawn('taskset', ['-c', cores, process.execPath, ...flags, script], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const ended = exited.then(([code]) => {
    throw new Error(`${script} ended with ${code}`)
  })
  try {
    await within(startSeconds, `the start of ${script}`, Promise.race([once(child, 'message'), ended]))
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    pid: child.pid ?? 0,
    address: `http://127.0.0.1:${env['PORT']}/`,
    async ask(question, seconds = answerSeconds) {
      const answered = once(child, 'message')
      child.send(question)
      const [answer] = await within(seconds, `an answer of ${script}`, Promise.race([answered, ended]))
      return answer
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const overdue = setTimeout(() => child.kill('SIGKILL'), 10_000)
      const [, signal] = await exited
      clearTimeout(overdue)
      if (signal === 'SIGKILL') throw new Error(`${script} did not end within 10 seconds of being asked to`)
    },
  }
}

/** With all its threads, unless there is but one core. */
async function leaveFirstCore(): Promise<void> {
  const last = cpus().length - 1
  if (last > 0) await promisify(execFile)('taskset', ['-acp', `1-${last}`, String(process.pid)])
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

/** @throws when the work takes longer. It is not ended by that: close what it waits for. */
export async function within<Value>(seconds: number, what: string, work: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`${what} took longer than ${seconds} seconds`)),
    seconds * 1000,
  )
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
