/** How long people wait: from `npm start` to everything answering, and to its end; what the server alone takes in time and memory. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { nodeFlags } from '../../scripts/node-flags.js'
import { freePort } from './process.ts'
import { type BenchRow, median } from './results.ts'

const rounds = 3
/** What was garbage after the start is gone by then. */
const restMilliseconds = 3000

export async function bench(): Promise<BenchRow[]> {
  const first: number[] = []
  const again: number[] = []
  const stop: number[] = []
  const server: { milliseconds: number; megabytes: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'rolecall-bench-'))
    try {
      first.push((await timeSystem(folder)).start)
      const second = await timeSystem(folder)
      again.push(second.start)
      stop.push(second.stop)
      server.push(await measureServer(folder))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  const served = median(server.map(({ milliseconds }) => milliseconds))
  const memory = median(server.map(({ megabytes }) => megabytes))
  return [
    within('npm start in a new folder, everything built, to everything answering', median(first), 5000),
    within('npm start again, to everything answering', median(again), 5000),
    within('SIGTERM, to everything gone', median(stop), 2000),
    within('server alone, to answering', served, 1000),
    { what: 'server at rest, resident memory', value: memory, unit: 'MB', goal: '≤ 130', met: memory <= 130 },
  ]
}

/** Milliseconds until the launcher says that all of it runs, which it says when each part has answered, and until it ends. */
async function timeSystem(folder: string): Promise<{ start: number; stop: number }> {
  const ports = { server: await freePort(), client: await freePort(), api: await freePort() }
  const flags = Object.entries(ports).flatMap(([part, port]) => [`--${part}-port`, String(port)])
  const started = performance.now()
  const child = spawn('npm', ['start', '--', ...flags, '--dir', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  let start = Number.NaN
  for await (const chunk of child.stdout)
    if (String(chunk).includes('is running')) {
      start = performance.now() - started
      break
    }
  const asked = performance.now()
  child.kill('SIGTERM')
  child.stdout.resume()
  await ended
  if (Number.isNaN(start)) throw new Error('npm start ended before everything answered')
  return { start, stop: performance.now() - asked }
}

async function measureServer(folder: string): Promise<{ milliseconds: number; megabytes: number }> {
  const started = performance.now()
  const child = spawn(process.execPath, [...nodeFlags, 'apps/server/src/main.ts'], {
    env: { ...process.env, PORT: String(await freePort()), DATA_DIR: folder, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  })
  const ended = once(child, 'exit')
  const early = ended.then(([code]) => {
    throw new Error(`the server ended with ${String(code)}`)
  })
  early.catch(() => {})
  try {
    await Promise.race([once(child, 'message'), early])
    const milliseconds = performance.now() - started
    await pause(restMilliseconds)
    const kibibytes = execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })
    return { milliseconds, megabytes: (Number(kibibytes) * 1024) / 1e6 }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

function within(what: string, milliseconds: number, limit: number): BenchRow {
  return { what, value: milliseconds, unit: 'ms', goal: `≤ ${limit}`, met: milliseconds <= limit }
}
