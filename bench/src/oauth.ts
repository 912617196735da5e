/** The authorization server's budgets. Each part has a server with a separate store. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientCredentials } from './oauth/client-credentials.ts'
import { logIns } from './oauth/log-ins.ts'
import type { BenchRow } from './results.ts'

export async function* bench(): AsyncGenerator<BenchRow> {
  yield await inFolder(clientCredentials)
  yield* await inFolder(logIns)
}

async function inFolder<Result>(measure: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-bench-'))
  try {
    return await measure(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
