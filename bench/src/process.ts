import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { cpus } from 'node:os'
import { promisify } from 'node:util'

const endWithParent = import.meta.resolve('../../scripts/end-with-parent.js')

/** A server of the repository in a child process on the first core. This process runs the load on the other cores. */
export interface BenchProcess extends AsyncDisposable {
  pid: number
  address: string
  /** Sends a message to a preloaded script over IPC. @returns its answer */
  ask(question: string): Promise<unknown>
}

/**
 * Starts a script that reports `{ ready: true }` by IPC once it answers on `PORT`.
 *
 * @param preload another script that runs in the same process, before this one
 */
export async function startOnCore(
  script: string,
  env: Record<string, string>,
  preload?: string,
): Promise<BenchProcess> {
  await leaveFirstCore()
  const preloads = preload === undefined ? [endWithParent] : [endWithParent, `./${preload}`]
  const flags = preloads.flatMap((file) => ['--import', file])
  const child = spawn('taskset', ['-c', '0', process.execPath, ...flags, script], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => {
      throw new Error(`${script} ended with ${code}`)
    }),
  ])
  return {
    pid: child.pid ?? 0,
    address: `http://127.0.0.1:${env['PORT']}/`,
    async ask(question) {
      const answered = once(child, 'message')
      child.send(question)
      return (await answered)[0]
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
