import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A server of the repository in a process of its own, on the first core; load comes from this process, on another. */
export interface BenchProcess extends AsyncDisposable {
  pid: number
  address: string
}

/** Starts a script that reports `{ ready: true }` by IPC once it answers on `PORT`. */
export async function startOnCore(script: string, env: Record<string, string>): Promise<BenchProcess> {
  const child = spawn('taskset', ['-c', '0', process.execPath, script], {
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
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
    },
  }
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
