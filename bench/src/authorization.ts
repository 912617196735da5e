/** What an explanation and a preview cost: a role of 10,000 members, asked over HTTP, through the guard. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createApi,
  type ManagementServer,
  openStore,
  type Store,
  startManagement,
  transaction,
} from '@rolecall/server/test-kit'
import { startTestPostgres } from '@rolecall/server/test-kit/store'
import { sql } from 'kysely'
import { type BenchRow, median } from './results.ts'

const members = 10_000
const permissions = 20
const rounds = 20
const identifier = 'https://bench.test'

export async function bench(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-bench-'))
  const postgres = await startTestPostgres()
  try {
    return [
      ...(await measure('node:sqlite', () => openStore({ file: join(folder, 'rolecall.db') }))),
      ...(await measure('PostgreSQL', () => openStore({ databaseUrl: postgres.url }))),
    ]
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(kind: string, open: () => Promise<Store>): Promise<BenchRow[]> {
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
    await seed(server)
    const time = async (path: string, body: unknown) => {
      const times = []
      for (let round = 0; round < rounds; round++) {
        const started = performance.now()
        const { status } = await server.call('POST', path, body)
        times.push(performance.now() - started)
        if (status !== 200) throw new Error(`${path}: ${status}`)
      }
      return median(times)
    }
    const changes = [{ method: 'DELETE', path: '/roles/rol_bench' }]
    const preview = await time('/authorization/preview', { changes })
    const user_id = 'auth0|1000000000000'
    const explain = await time('/authorization/explain', { user_id, api: identifier, permission: 'p1000' })
    const line = (what: string, value: number, goal: number) => ({
      what: `${kind}: ${what}`,
      value,
      unit: 'ms' as const,
      goal: `≤ ${goal}`,
      met: value <= goal,
    })
    return [
      line('preview of the deletion of a role with 10,000 members, p50', preview, 200),
      line('explanation, p50', explain, 50),
    ]
  } finally {
    for (const work of closing) await work()
  }
}

/** Every member holds the role, and each second one another role that gives half of its permissions. */
async function seed({ ctx }: Pick<ManagementServer, 'ctx'>): Promise<void> {
  const { db } = ctx.store
  const api = await transaction(ctx, (tx) =>
    createApi(tx, ctx.sealer, {
      identifier,
      enforcePolicies: true,
      permissions: Array.from({ length: permissions }, (_, n) => ({
        value: `p${1_000 + n}`,
        description: '',
      })),
    }),
  )
  for (const id of ['rol_bench', 'rol_other'])
    await sql`insert into roles (id, name, name_key, description, is_system, created_at, updated_at)
      values (${sql.lit(id)}, ${sql.lit(id)}, ${sql.lit(id)}, '', false, 0, 0)`.execute(db)
  for (const [id, count] of [
    ['rol_bench', permissions],
    ['rol_other', permissions / 2],
  ] as const)
    await sql`insert into role_permissions (role_id, api_id, permission) ${numbers(count)}
      select ${sql.lit(id)}, ${sql.lit(api.id)}, 'p' || cast(1000 + n as text) from numbers`.execute(db)
  await insertMembers(db, 'rol_bench', members)
  await sql`insert into user_roles (user_id, role_id, assigned_at) ${numbers(members / 2)}
    select 'auth0|' || cast(1000000000000 + 2 * n as text), 'rol_other', 0 from numbers`.execute(db)
  if (ctx.store.kind === 'postgres') await sql`analyze`.execute(db)
}

/** Inserts users, the first with the id `auth0|1000000000000`, and makes them members of a role. */
export async function insertMembers(db: Store['db'], roleId: string, count: number): Promise<void> {
  await sql`insert into users (user_id, connection, email, email_key, email_verified, name, name_key, nickname,
      nickname_key, picture, blocked, user_metadata, app_metadata, logins_count, created_at, updated_at) ${numbers(count)}
    select 'auth0|' || cast(1000000000000 + n as text), 'c', 'u' || cast(n as text), 'u' || cast(n as text), true, 'n',
      'n', 'n', 'n', '', false, '{}', '{}', 0, 0, 0 from numbers`.execute(db)
  await sql`insert into user_roles (user_id, role_id, assigned_at) ${numbers(count)}
    select 'auth0|' || cast(1000000000000 + n as text), ${sql.lit(roleId)}, 0 from numbers`.execute(db)
}

const numbers = (count: number) =>
  sql`with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < ${sql.lit(count - 1)})`
