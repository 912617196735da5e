import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'

export const root = join(import.meta.dirname, '../../..')
const endWithParent = import.meta.resolve('../../../scripts/end-with-parent.js')

/** A running `npm start`. */
export interface Launcher {
  process: ChildProcess
  /** Exit code or signal, and all output. */
  ended: Promise<{ code: number | string; stdout: string; stderr: string }>
  /** Resolves when every part answers. Rejects with the output if the launcher exits before that. */
  running: () => Promise<void>
}

export function launch(args: string[], env: NodeJS.ProcessEnv = {}): Launcher {
  const flags = ['--disable-warning=ExperimentalWarning', `--import=${endWithParent}`]
  const child = spawn(process.execPath, [...flags, join(root, 'scripts/start.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('the launcher has no output')
  const closed = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code ?? ''))
  })
  const ended = Promise.all([closed, text(stdout), text(stderr)]).then(([code, out, err]) => ({
    code,
    stdout: out,
    stderr: err,
  }))
  const announced = new Promise<void>((resolve) => {
    let seen = ''
    stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
      if (seen.includes('is running')) resolve()
    })
  })
  const early = ended.then(({ code, stdout: out, stderr: err }) => {
    throw new Error(`ended with ${code} instead of running:\n${out}${err}`)
  })
  early.catch(() => {})
  return { process: child, ended, running: () => Promise.race([announced, early]) }
}

export interface Site {
  dir: string
  ports: { server: number; client: number; api: number }
  /** Options of the launcher. */
  args: string[]
  readLab: () => Promise<Lab>
}

/** The parts of `lab.json` that tests use. */
export interface Lab {
  issuer: string
  audience: string
  api_url: string
  client_url: string
  dashboard_url: string
  applications: Record<'spa' | 'm2m' | 'management' | 'api', { client_id: string; client_secret?: string }>
  users: Record<'admin' | 'member' | 'owner', { email: string; password: string }>
}

/** A temporary folder and three free ports. The folder is deleted after the test. */
export async function site(t: { after(clean: () => void): void }): Promise<Site> {
  const dir = mkdtempSync(join(tmpdir(), 'rolecall-start-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const [server = 0, client = 0, api = 0] = await freePorts(3)
  const ports = { server, client, api }
  const args = Object.entries(ports).flatMap(([part, port]) => [`--${part}-port`, String(port)])
  return {
    dir,
    ports,
    args: [...args, '--dir', dir],
    readLab: async () => JSON.parse(await readFile(join(dir, 'lab.json'), 'utf8')),
  }
}

export async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(probes.map((probe) => once(probe, 'listening')))
  const ports = probes.map((probe) => {
    const address = probe.address()
    return typeof address === 'object' && address ? address.port : 0
  })
  await Promise.all(probes.map((probe) => once(probe.close(), 'close')))
  return ports
}

/** Process ids of the launcher's children. */
export function childrenOf({ process: { pid } }: Launcher): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const rows = lines.map((line) => line.trim().split(/\s+/).map(Number))
  return rows.filter(([, parent]) => parent === pid).map(([child = 0]) => child)
}

/** Waits until the process has exited. The timeout of the test bounds the wait. */
export async function exited(pid: number): Promise<void> {
  while (isAlive(pid)) await pause(20)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
