import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Output of a program that must end with exit code 0. */
export async function outputOf(cwd: string, program: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(program, args, { cwd, timeout: 240_000, maxBuffer: 16 * 2 ** 20 }).catch(
    (failure: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`${failure.message}\n${failure.stdout}${failure.stderr}`)
    },
  )
  return stdout
}

/** npm in this folder, from its cache where it can. */
export function npm(cwd: string, ...args: string[]): Promise<string> {
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  return outputOf(cwd, 'npm', ...args, ...quiet)
}

/** The binaries of lines of Node.js: this one, and the others from npm, where each is a package. They are installed in the folder. */
export async function nodesOf(lines: readonly number[], folder: string): Promise<Map<number, string>> {
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const others = lines.filter((line) => !process.versions.node.startsWith(`${line}.`))
  const wanted = others.map((line) => `node${line}@npm:${prefix}-${platform}-${process.arch}@${line}`)
  await npm(folder, 'install', '--no-save', '--prefix', folder, ...wanted)
  return new Map(
    lines.map((line) => [
      line,
      others.includes(line) ? join(folder, 'node_modules', `node${line}`, 'bin', 'node') : process.execPath,
    ]),
  )
}
