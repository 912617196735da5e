/** 100,000 users with bcrypt hashes into an empty store, as a migration from Auth0 imports them, and out of it again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { job as jobShape } from '@rolecall/contract'
import {
  findConnection,
  type ManagementServer,
  openStore,
  type Store,
  startManagement,
} from '@rolecall/server/test-kit'
import { startTestPostgres } from '@rolecall/server/test-kit/store'
import type { BenchRow } from './results.ts'

const users = 100_000
const hash = '$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K'

export async function* bench(): AsyncGenerator<BenchRow> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-bench-'))
  const postgres = await startTestPostgres()
  try {
    yield* measure('node:sqlite', () => openStore({ file: join(folder, 'rolecall.db') }))
    yield* measure('PostgreSQL', () => openStore({ databaseUrl: postgres.url }))
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function* measure(kind: string, open: () => Promise<Store>): AsyncGenerator<BenchRow> {
  const closing: (() => Promise<void>)[] = []
  const end = { after: (work: () => Promise<void>) => void closing.push(work) }
  try {
    const server = await startManagement(end, {
      open: async (t) => {
        const store = await open()
        t.after(() => store.close())
        return store
      },
    })
    const base = await server.app.listen({ host: '127.0.0.1', port: 0 })
    const memory = watchMemory()
    const started = performance.now()
    await importUsers(server, base)
    const seconds = (performance.now() - started) / 1_000
    const growth = memory.stop()
    const perSecond = users / seconds
    yield {
      what: `${kind}: users imported`,
      value: perSecond,
      unit: 'per second',
      goal: '≥ 500',
      met: perSecond >= 500,
    }
    yield {
      what: `${kind}: memory that an import adds, to the server and what feeds it`,
      value: growth,
      unit: 'MB',
      goal: '≤ 100',
      met: growth <= 100,
    }
    const watched = watchMemory()
    const from = performance.now()
    await exportUsers(server, base)
    const rate = users / ((performance.now() - from) / 1_000)
    const added = watched.stop()
    yield {
      what: `${kind}: users exported`,
      value: rate,
      unit: 'per second',
      goal: '≥ 5,000',
      met: rate >= 5_000,
    }
    yield {
      what: `${kind}: memory that an export adds, to the server and what reads it`,
      value: added,
      unit: 'MB',
      goal: '≤ 100',
      met: added <= 100,
    }
  } finally {
    for (const work of closing.toReversed()) await work()
  }
}

const boundary = 'rolecall-bench'

async function* form(connectionId: string): AsyncGenerator<Buffer> {
  const part = (name: string) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"`
  yield Buffer.from(
    `${part('connection_id')}\r\n\r\n${connectionId}\r\n${part('users')}; filename="users"\r\n\r\n`,
  )
  for (let index = 0; index < users; index++)
    yield Buffer.from(
      `${JSON.stringify({
        _id: { $oid: index.toString(16).padStart(24, '0') },
        email: `user${index}@example.com`,
        email_verified: true,
        passwordHash: hash,
        tenant: 'example',
      })}\n`,
    )
  yield Buffer.from(`\r\n--${boundary}--\r\n`)
}

async function importUsers(server: ManagementServer, base: string): Promise<void> {
  const id = (await findConnection(server.ctx.store.db, 'Username-Password-Authentication'))?.id ?? ''
  const authorization = `Bearer ${await server.token(`${server.clientId}@clients`, ['create:users'])}`
  const answer = await fetch(`${base}/api/v2/jobs/users-imports`, {
    method: 'POST',
    headers: { authorization, 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: ReadableStream.from(form(id)),
    duplex: 'half',
  })
  if (answer.status !== 202) throw new Error(await answer.text())
  const { id: job } = jobShape.pick({ id: true }).parse(await answer.json())
  for (;;) {
    const { body } = await server.call('GET', `/jobs/${job}`)
    if (!['pending', 'processing'].includes(String(body['status']))) {
      if (String(body['summary']?.['inserted']) !== String(users)) throw new Error(JSON.stringify(body))
      return
    }
    await pause(50)
  }
}

async function exportUsers(server: ManagementServer, base: string): Promise<void> {
  const made = await server.call('POST', '/jobs/users-exports', {})
  const { pathname, search } = new URL(String(made.body['location']))
  const answer = await fetch(base + pathname + search)
  if (!answer.body) throw new Error('the export is empty')
  await answer.body.pipeTo(new WritableStream())
}

/** How far the resident memory of this process, which is also the server, rises: in MB. */
function watchMemory(): { stop(): number } {
  const before = process.memoryUsage.rss()
  let peak = before
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
  return {
    stop() {
      clearInterval(timer)
      return (peak - before) / 1_048_576
    },
  }
}
