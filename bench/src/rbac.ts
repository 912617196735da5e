/**
 * What a tenant of a million users costs: 3 million role assignments, seeded straight into the store. Pages and searches
 * are asked over HTTP, through the guard, as the dashboard asks them; the permissions of a user as a token needs them,
 * side by side with a tenant of a thousand users.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createApi,
  effectivePermissions,
  type ManagementServer,
  openStore,
  type Store,
  startManagement,
  transaction,
} from '@rolecall/server/test-kit'
import { startTestPostgres } from '@rolecall/server/test-kit/store'
import { sql } from 'kysely'
import { type BenchRow, median } from './results.ts'
import { analyze, inSlices, insertAssignments, insertRoles, insertUsers, userIdOf } from './seed-users.ts'

const many = 1_000_000
const few = 1_000
const rolesPerUser = 3
const roles = 1_000
const permissions = 200
const permissionsPerRole = 20
const samples = 3_000

export async function bench(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-bench-'))
  const postgres = [await startTestPostgres(), await startTestPostgres()] as const
  try {
    return [
      ...(await measure(
        'node:sqlite',
        () => openStore({ file: join(folder, 'many', 'rolecall.db') }),
        () => openStore({ file: join(folder, 'few', 'rolecall.db') }),
      )),
      ...(await measure(
        'PostgreSQL',
        () => openStore({ databaseUrl: postgres[0].url }),
        () => openStore({ databaseUrl: postgres[1].url }),
      )),
    ]
  } finally {
    for (const cluster of postgres) await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

type Open = () => Promise<Store>

async function measure(kind: string, openMany: Open, openFew: Open): Promise<BenchRow[]> {
  const closing: (() => Promise<void>)[] = []
  const end = { after: (work: () => Promise<void>) => void closing.push(work) }
  const start = async (open: Open, users: number) => {
    const server = await startManagement(end, {
      open: async (t) => {
        const store = await open()
        t.after(() => store.close())
        return store
      },
    })
    return { server, apiId: await seed(server, users), users }
  }
  try {
    const large = await start(openMany, many)
    const small = await start(openFew, few)
    const line = (
      what: string,
      value: number,
      goal: string,
      met: boolean,
      unit: BenchRow['unit'] = 'ms',
    ) => ({
      what: `${kind}: ${what}`,
      value,
      unit,
      goal,
      met,
    })
    const pages = await slowestPage(large.server)
    const search = await slowestSearch(large.server)
    const parts = await slowestPartSearch(large.server)
    const [p50Large, p50Small] = await permissionTimes(large, small)
    const ratio = p50Large / p50Small
    return [
      line('page of 50 users by checkpoint, slowest depth, p50', pages, '≤ 5', pages <= 5),
      line('search by the beginning of an address or a name, slowest, p50', search, '≤ 20', search <= 20),
      line('search by any part of an address, a name or an id, slowest, p50', parts, '≤ 20', parts <= 20),
      line('permissions of one user among 1 M, p50', p50Large, '≤ 1', p50Large <= 1),
      line('permissions of one user, 1 M ÷ 1 k users, p50', ratio, '≤ 1.5', ratio <= 1.5, 'ratio'),
    ]
  } finally {
    for (const work of closing) await work()
  }
}

async function seed({ ctx }: ManagementServer, users: number): Promise<string> {
  const { db } = ctx.store
  const api = await transaction(ctx, (tx) =>
    createApi(tx, ctx.sealer, {
      identifier: 'https://bench.test',
      permissions: Array.from({ length: permissions }, (_, n) => ({
        value: `p${1_000 + n}`,
        description: '',
      })),
    }),
  )
  await insertRoles(db, roles)
  await inSlices(roles * permissionsPerRole, (numbers) =>
    sql`insert into role_permissions (role_id, api_id, permission) ${numbers}
    select 'rol_' || cast(100000 + n / ${sql.lit(permissionsPerRole)} as text), ${sql.lit(api.id)},
      'p' || cast(1000 + (n * 7) % ${sql.lit(permissions)} as text) from numbers`.execute(db),
  )
  await insertUsers(db, users)
  await insertAssignments(db, { users, rolesPerUser, roles })
  await analyze(ctx.store)
  return api.id
}

async function slowestPage(server: ManagementServer): Promise<number> {
  const times = []
  for (const depth of [0, 0.25, 0.5, 0.75, 0.9999]) {
    const n = Math.floor(many * depth)
    const cursor = JSON.stringify([1_700_000_000_000 + Math.floor(n / 3), userIdOf(n)])
    const from = Buffer.from(cursor).toString('base64url')
    times.push(await medianTime(50, () => expectSome(server, `/users?take=50&from=${from}`)))
  }
  return Math.max(...times)
}

async function slowestSearch(server: ManagementServer): Promise<number> {
  const times = []
  for (const q of [
    'email:"user10777777@example.test"',
    'email:user107777*',
    'email:user1*',
    'name:"person 107777*"',
    'name:person\\ 107777*',
    'name:person\\ 1077* OR email:user1077777*',
    'email:user107777* AND blocked:false',
    'email:user107777* AND email_verified:true AND identities.connection:Username-Password-Authentication',
  ])
    times.push(await medianTime(20, () => expectSome(server, `/users?take=50&q=${encodeURIComponent(q)}`, q)))
  return Math.max(...times)
}

/** Parts that one user has, a few, and all of them. */
async function slowestPartSearch(server: ManagementServer): Promise<number> {
  const times = []
  for (const text of ['r10777777@', '777777', '7777 person', 'example', 'us', 'p']) {
    const path = `/users?take=50&search=${encodeURIComponent(text)}`
    times.push(await medianTime(20, () => expectSome(server, path)))
  }
  return Math.max(...times)
}

async function expectSome(server: ManagementServer, path: string, q = ''): Promise<void> {
  const { status, body } = await server.call('GET', path)
  const found = body['users']?.length ?? 0
  // A quoted text has no wildcards, so this search finds no user. All others must find one.
  if (status !== 200 || (found === 0 && !q.includes('*"')))
    throw new Error(`${path}: ${status}, ${found} users`)
}

interface Seeded {
  server: ManagementServer
  apiId: string
  users: number
}

/** In turns, so that whatever else the machine does falls on both. */
async function permissionTimes(large: Seeded, small: Seeded): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []]
  for (let sample = 0; sample < samples; sample++)
    for (const [side, { server, apiId, users }] of [large, small].entries()) {
      const userId = userIdOf(Math.floor(Math.random() * users))
      const started = performance.now()
      const found = await effectivePermissions(server.ctx.store.db, userId, apiId)
      times[side]?.push(performance.now() - started)
      if (found.length === 0) throw new Error(`${userId} has no permissions`)
    }
  return [median(times[0]), median(times[1])]
}

async function medianTime(rounds: number, work: () => Promise<void>): Promise<number> {
  const times = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  return median(times)
}
