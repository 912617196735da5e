import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface Outcome {
  passed: boolean
  /** What to show a reader, whether it passed or not. */
  output: string
}

/** Runs a program of `node_modules/.bin` (or a path) and keeps what it prints. */
export async function runTool(
  program: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1))
  })
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { passed: code === 0, output: (stdout + stderr).trim() }
}
