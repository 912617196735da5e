import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestResult } from './reporter.ts'

/** More than any file needs; one that hangs must not hold up the verdict for ever. */
const limitMinutes = 5

export interface FileResult {
  passed: number
  failed: number
  skipped: number
  /** What a reader needs to see when something failed. */
  story: string
}

/** Runs one test file in a child process, which ends with this process. */
export async function runFile(file: string): Promise<FileResult> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-results-'))
  const destination = join(folder, 'results')
  try {
    const { code, output } = await runProcess(file, destination)
    const lines = (await readFile(destination, 'utf8').catch(() => '')).split('\n').filter(Boolean)
    const results = lines.map((line): TestResult => JSON.parse(line))
    const count = (state: TestResult['state']) => results.filter((result) => result.state === state).length
    const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')]
    const story = output + results.map((result) => result.story).join('')
    if (code !== 0 && failed === 0)
      return { passed, failed: 1, skipped, story: `${story}  ✗ the file ended with ${code}\n` }
    if (results.length === 0)
      return { passed, failed: 1, skipped, story: `${story}  ✗ the file has no test\n` }
    return { passed, failed, skipped, story }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function runProcess(file: string, destination: string): Promise<{ code: number | string; output: string }> {
  const flags = [
    '--disable-warning=ExperimentalWarning',
    `--import=${import.meta.resolve('../end-with-parent.js')}`,
    `--test-reporter=${import.meta.resolve('./reporter.ts')}`,
    `--test-reporter-destination=${destination}`,
  ]
  const child = spawn(process.execPath, [...flags, file], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      output += `  ✗ the file did not end within ${limitMinutes} minutes\n`
      child.kill('SIGKILL')
    }, limitMinutes * 60_000)
    child.once('error', reject)
    // Not `close`: a program that the test left running may hold the pipes open.
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      resolve({ code: code ?? signal ?? 1, output })
    })
  })
}
