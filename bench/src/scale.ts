/**
 * What requests cost a server as its tenant grows: the processor time of a token for a service, of a refresh and of a log-in,
 * with more users and with more APIs, as a multiple of that of a small tenant. Each tenant has its own server; the small one
 * and the other take turns. The database of the largest tenant is measured too.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Context,
  createApi,
  createApplication,
  createClientGrant,
  ensureSystemObjects,
  makeTutorial,
  openContext,
  readConfig,
  transaction,
} from '@rolecall/server/test-kit'
import { sql } from 'kysely'
import { compare } from './oauth/costs.ts'
import { connections, type Load, posting, refreshing } from './oauth/load.ts'
import { asStarted, logInOnce, type Seeded, startServer } from './oauth/world.ts'
import { type BenchProcess, freePort } from './process.ts'
import { type BenchRow, note } from './results.ts'
import { emailOf, inSlices, insertAssignments, insertRoles, insertUsers, roleOfUser } from './seed-users.ts'

interface Size {
  users: number
  apis: number
}

const small: Size = { users: 1_000, apis: 10 }
const larger: Size[] = [
  { users: 1_000, apis: 100 },
  { users: 1_000, apis: 1_000 },
  { users: 100_000, apis: 10 },
  { users: 1_000_000, apis: 10 },
]
const maxRatio = 1.5
const roles = 1_000
const rolesPerUser = 3
const permissionsPerApi = 20
/** Of the users, one in so many has a session with a refresh token, its grant and two log entries. */
const perSession = 10
/** Users that log in and refresh, spread over all. */
const people = 4 * connections

export async function* bench(): AsyncGenerator<BenchRow> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-bench-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const startTenant = async (size: Size, index: number) => {
    note(`seeding ${nameOf(size)}`)
    const tenant = await seed(join(folder, String(index)), size)
    return { ...tenant, server: await startServer(tenant) }
  }
  const base = await startTenant(small, 0)
  stack.defer(() => base.server[Symbol.asyncDispose]())
  const baseLoads = await loadsOf(base)
  for (const [index, size] of larger.entries()) {
    const tenant = await startTenant(size, index + 1)
    await using server = tenant.server
    const loads = await loadsOf(tenant)
    for (const request of requests) {
      note(`${request.what}, ${nameOf(size)}`)
      const { of, to } = await compare({
        of: { process: server, load: loads[request.load] },
        to: { process: base.server, load: baseLoads[request.load] },
        ...request,
      })
      const ratio = of / to
      const what = `${request.what} (${(of / 1000).toFixed(2)} ms): ${nameOf(size)} ÷ ${nameOf(small)}`
      yield { what, value: ratio, unit: 'ratio', goal: `≤ ${maxRatio.toFixed(2)}`, met: ratio <= maxRatio }
    }
    if (size === larger.at(-1)) yield await databaseSize(tenant.env['DATA_DIR'] ?? '', size)
  }
}

const requests = [
  {
    what: 'a token for a service',
    load: 'credentials',
    perTurn: 50 * connections,
    warmUp: 200 * connections,
  },
  { what: 'a refresh', load: 'refreshes', perTurn: 10 * connections, warmUp: 50 * connections },
  { what: 'a log-in', load: 'logIns', perTurn: connections, warmUp: 3 * connections },
] as const

const nameOf = ({ users, apis }: Size) =>
  `${users.toLocaleString('en')} users and ${apis.toLocaleString('en')} APIs`

interface Tenant extends Size, Omit<Seeded, 'credentials'> {
  /** Token requests for each API. */
  credentials: Record<string, string>[]
}

const audienceOf = (api: number) => `https://api-${1_000 + api}.bench.example.com`

async function seed(folder: string, size: Size): Promise<Tenant> {
  const port = String(await freePort())
  const env = { ...asStarted, PORT: port, DATA_DIR: folder, LOG_LEVEL: 'warn' }
  const ctx = await openContext(readConfig(env))
  try {
    await ensureSystemObjects(ctx)
    const { spa } = await makeTutorial(ctx)
    const credentials = await seedApis(ctx, size)
    await seedUsers(ctx, size, spa.clientId)
    return { ...size, env, issuer: `http://localhost:${port}/`, spaId: spa.clientId, credentials }
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}

/** Each role has all permissions of one API. */
async function seedApis(ctx: Context, { apis }: Size): Promise<Record<string, string>[]> {
  await insertRoles(ctx.store.db, roles)
  return transaction(ctx, async (tx) => {
    const machine = await createApplication(tx, { name: 'Machine', app_type: 'non_interactive' })
    const { clientId } = machine.application
    const permissions = Array.from({ length: permissionsPerApi }, (_, n) => ({
      value: `read:part-${10 + n}`,
      description: '',
    }))
    const credentials: Record<string, string>[] = []
    for (let index = 0; index < apis; index++) {
      const identifier = audienceOf(index)
      const api = await createApi(tx, ctx.sealer, {
        identifier,
        permissions,
        enforcePolicies: true,
        tokenDialect: 'access_token_authz',
        allowOfflineAccess: true,
      })
      await createClientGrant(tx, { clientId, apiId: api.id, scope: ['read:part-10'] })
      await sql`insert into role_permissions (role_id, api_id, permission)
        select roles.id, api_id, value from roles, permissions where api_id = ${api.id} and roles.is_system = false
        and cast(substr(roles.id, 5) as integer) % ${sql.lit(apis)} = ${sql.lit((100_000 + index) % apis)}
        and roles.id like 'rol_1_____'`.execute(tx.db)
      credentials.push({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: machine.clientSecret ?? '',
        audience: identifier,
      })
    }
    return credentials
  })
}

/** All have the password of the tutorial's users. */
async function seedUsers(ctx: Context, { users }: Size, clientId: string): Promise<void> {
  const { db } = ctx.store
  await insertUsers(db, users)
  await insertAssignments(db, { users, rolesPerUser, roles })
  await inSlices(users, (numbers) =>
    sql`insert into passwords (user_id, hash, updated_at) ${numbers}
    select 'auth0|' || cast(1000000000000 + n as text), (select hash from passwords limit 1), 0 from numbers`.execute(
      db,
    ),
  )
  const payload = 'x'.repeat(700)
  for (const kind of ['Session', 'Grant', 'RefreshToken'])
    await inSlices(Math.floor(users / perSession), (numbers) =>
      sql`insert into artifacts (kind, id_hash, payload, grant_id, user_id, client_id, created_at, expires_at) ${numbers}
      select ${kind}, 'bench' || cast(1000000000000 + n as text), ${payload}, 'grant' || cast(n as text),
        'auth0|' || cast(1000000000000 + n * ${sql.lit(perSession)} as text), ${clientId}, 0, 4000000000000
        from numbers`.execute(db),
    )
  await inSlices(Math.floor((2 * users) / perSession), (numbers) =>
    sql`insert into logs (log_id, date, type, client_id, user_id, user_name, ip, description, data) ${numbers}
    select '90020200101000000' || cast(1000000000 + n as text), 1577836800000, 's', ${clientId},
      'auth0|' || cast(1000000000000 + n as text), 'user' || cast(10000000 + n as text) || '@example.test', '203.0.113.7',
      'Logged in', '{}' from numbers`.execute(db),
  )
}

async function loadsOf({
  server,
  credentials,
  ...tenant
}: Tenant & { server: BenchProcess }): Promise<Record<'credentials' | 'refreshes' | 'logIns', Load>> {
  const { users, apis, spaId } = tenant
  const tokenUrl = `${server.address}oauth/token`
  const userAt = (index: number) => Math.floor((users / people) * (index % people))
  // An API that a role of the user has permissions on.
  const logIn = (user: number) =>
    logInOnce(tenant, emailOf(user), { audience: audienceOf(roleOfUser(user, rolesPerUser, roles) % apis) })
  const tokens: string[] = []
  while (tokens.length < connections) tokens.push(await logIn(userAt(tokens.length * 4)))
  let next = 0
  const logIns: Load = {
    async send(count) {
      let begun = 0
      const browse = async (): Promise<void> => {
        while (begun++ < count) await logIn(userAt(next++))
      }
      await Promise.all(Array.from({ length: 4 }, browse))
    },
  }
  return {
    credentials: posting(tokenUrl, ...credentials),
    refreshes: refreshing(tokenUrl, spaId, tokens),
    logIns,
  }
}

async function databaseSize(folder: string, size: Size): Promise<BenchRow> {
  const { size: bytes } = await stat(join(folder, 'rolecall.db'))
  return { what: `file of the store, ${nameOf(size)}`, value: bytes / 1e6, unit: 'MB', goal: '–', met: true }
}
