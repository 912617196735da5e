import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { root } from '../start/launcher.ts'

export const folder = join(root, 'e2e/conformance')
export const localHost = import.meta.resolve('./local-host.ts')
const endWithParent = import.meta.resolve('../../../scripts/end-with-parent.js')

export interface Program {
  process: ChildProcess
  /** All it printed so far. */
  output(): string
  ended: Promise<number | string>
}

/** Runs a program of `e2e/conformance/programs` that knows the system by its environment alone. */
export function startProgram([script = '', ...args]: string[], env: Record<string, string>): Program {
  const { PATH, HOME, TMPDIR } = process.env
  const flags = ['--disable-warning=ExperimentalWarning', `--import=${endWithParent}`]
  const child = spawn(process.execPath, [...flags, join(folder, 'programs', script), ...args], {
    cwd: folder,
    // Programs that it starts itself preload it too.
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), NODE_OPTIONS: `--import=${localHost}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    timeout: 600_000,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal ?? ''))
  })
  return { process: child, output: () => output, ended }
}

/** Until something answers there, or the program has ended. */
export async function answering(program: Program, url: string): Promise<void> {
  const running = { yes: true }
  void program.ended.then(() => (running.yes = false))
  while (running.yes) {
    const answered = await fetch(url, { redirect: 'manual' }).then(
      () => true,
      () => false,
    )
    if (answered) return
    await pause(50)
  }
  throw new Error(`The program ended: ${program.output().slice(-500)}`)
}

export async function stopProgram({ process: child, ended }: Program): Promise<void> {
  child.kill('SIGKILL')
  await ended
}
