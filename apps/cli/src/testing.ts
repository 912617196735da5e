import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommandLine } from './command-line.ts'

/** A folder for one test, with a configuration folder of its own, and what commands printed in it. */
export interface TestTerminal {
  folder: string
  env: Record<string, string | undefined>
  /** Runs a command line. @returns its exit code and what it printed */
  run: (...args: string[]) => Promise<{ code: number; out: string; notes: string }>
}

interface Cleanup {
  after(clean: () => Promise<void>): void
}

/** What a person does while a command runs. */
interface Person {
  /** Opens the address in a browser. */
  open?: (url: string) => Promise<unknown>
  /** Reads what the command says on standard error. */
  read?: (note: string) => Promise<unknown>
}

/** Waiting is over when the person has done what they read. */
export async function testTerminal(
  t: Cleanup,
  env: Record<string, string> = {},
  person: Person = {},
): Promise<TestTerminal> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-cli-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const used = { XDG_CONFIG_HOME: join(folder, '.config'), ...env }
  return {
    folder,
    env: used,
    async run(...args) {
      const out: string[] = []
      const notes: string[] = []
      const doing: unknown[] = []
      const code = await runCommandLine(
        {
          env: used,
          folder,
          print: (text) => void out.push(text),
          note(text) {
            notes.push(text)
            doing.push(person.read?.(text))
          },
          async open(url) {
            doing.push(person.open?.(url))
            return person.open !== undefined
          },
          wait: async () => void (await Promise.all(doing)),
        },
        args,
      )
      return { code, out: out.join('\n'), notes: notes.join('\n') }
    },
  }
}
