/**
 * Live authorization: how long a change takes until a guard refuses the token that carries what was taken, what a change
 * of a large role costs, the snapshot and the memory of a guard that knows many changes, and what live mode costs a guarded
 * route. With two nodes, the change is made at one and the guard reads the other. Server and guard share a process, so the
 * times include the processor time of both.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createGuard, type Guard, GuardError, permission } from '@rolecall/guard'
import {
  assignRoles,
  audience,
  currentPosition,
  formatPosition,
  liveCredentials,
  logIn,
  makeTutorial,
  mark,
  type NodesKind,
  nodesKinds,
  redeem,
  refresh,
  removePermissionsFromRole,
  startServer,
  transaction,
  unassignRoles,
} from '@rolecall/server/test-kit'
import { startTestPostgres } from '@rolecall/server/test-kit/store'
import { tutorial } from '@rolecall/server/tutorial'
import { importJWK, SignJWT } from 'jose'
import { insertMembers } from './authorization.ts'
import { costsOf, starts } from './guard.ts'
import { type BenchRow, median } from './results.ts'

const changes = 1_000
const manyChanges = 100_000
const members = 100_000
const rotation = 2_000
setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

export async function* bench(): AsyncGenerator<BenchRow> {
  const postgres = await startTestPostgres()
  try {
    for (const kind of nodesKinds) yield* measure(kind)
  } finally {
    await postgres.stop()
  }
  const [kind] = nodesKinds
  if (kind) yield* throughput(kind)
}

type World = Awaited<ReturnType<typeof startWorld>>

interface Cleanup {
  after(work: () => Promise<void>): void
}

async function startWorld(end: Cleanup, kind: NodesKind) {
  const server = await startServer(end, kind)
  const objects = await makeTutorial(server.ctx)
  const [, other = server.issuer] = await kind.addresses(end, server)
  const live = await liveCredentials(server.ctx)
  const newGuard = () =>
    createGuard({
      issuer: server.issuer,
      audience,
      live,
      fetch: (url, init) => fetch(url.replace(server.issuer, other), init),
    })
  return { ...server, ...objects, live, newGuard }
}

async function* measure(kind: NodesKind): AsyncGenerator<BenchRow> {
  const closing: (() => Promise<void>)[] = []
  try {
    const world = await startWorld({ after: (work) => void closing.push(work) }, kind)
    for (const part of [timeToEffect, changeOfLargeRole, manyMarks])
      for await (const line of part(world)) yield { ...line, what: `${kind.name}: ${line.what}` }
  } finally {
    for (const close of closing) await close()
  }
}

async function* timeToEffect(world: World): AsyncGenerator<BenchRow> {
  const { ctx, admin, role, spa } = world
  const guard = world.newGuard()
  const login = await logIn(world, spa.clientId, 'admin@example.com')
  let { body } = await redeem(world, spa.clientId, login)
  const times: number[] = []
  for (let index = 0; index < changes; index++) {
    for (let use = 0; use < 3; use++) await isAccepted(guard, body.access_token)
    const started = performance.now()
    await transaction(ctx, (tx) => unassignRoles(tx, admin.userId, [role.id]))
    while (await isAccepted(guard, body.access_token)) await setImmediate()
    times.push(performance.now() - started)
    await transaction(ctx, (tx) => assignRoles(tx, admin.userId, [role.id]))
    const { body: renewed } = await refresh(world, spa.clientId, body.refresh_token)
    body = { ...renewed, refresh_token: renewed.refresh_token ?? body.refresh_token }
  }
  guard.close()
  const sorted = times.toSorted((a, b) => a - b)
  const p99 = sorted[Math.floor(changes * 0.99)] ?? Number.NaN
  yield row('change of a role → refused by a guard, median', median(times), 'ms')
  yield row(`the same, p99 of ${changes}`, p99, 'ms', 500)
}

async function* changeOfLargeRole(world: World): AsyncGenerator<BenchRow> {
  const { ctx, role, spa } = world
  await insertMembers(ctx.store.db, role.id, members)
  const guard = world.newGuard()
  const { body } = await redeem(world, spa.clientId, await logIn(world, spa.clientId, 'admin@example.com'))
  for (let use = 0; use < 3; use++) await isAccepted(guard, body.access_token)
  const before = await currentPosition(ctx.store.db)
  const refs = [{ api: audience, permission: tutorial.permission.value }]
  const started = performance.now()
  await transaction(ctx, (tx) => removePermissionsFromRole(tx, role.id, refs))
  const committed = performance.now() - started
  while (await isAccepted(guard, body.access_token)) await setImmediate()
  const refused = performance.now() - started
  guard.close()
  const { number } = await currentPosition(ctx.store.db)
  yield row(`permission taken from a role of ${members} members: marks`, number - before.number, 'marks', 1)
  yield row('the same: until it is committed', committed, 'ms')
  yield row('the same: until a guard refuses', refused, 'ms', 500)
}

async function* manyMarks({ ctx, newGuard }: World): AsyncGenerator<BenchRow> {
  await transaction(ctx, async (tx) => {
    for (let index = 0; index < manyChanges; index++)
      mark(tx, {
        effect: 'loss',
        reason: 'permissions',
        audience,
        subject: `auth0|${index.toString(16).padStart(24, '0')}`,
        permissions: [tutorial.permission.value],
      })
  })
  collect()
  const before = process.memoryUsage().heapUsed
  const started = performance.now()
  const guard = newGuard()
  await guard.refreshKeys()
  while (guard.live[0]?.connection !== 'live') await sleep(5)
  yield row(`snapshot of ${manyChanges} changes`, performance.now() - started, 'ms', 2_000)
  collect()
  const megabytes = (process.memoryUsage().heapUsed - before) / 1_048_576
  const known = guard.live[0]?.changes ?? 0
  guard.close()
  if (known < manyChanges) throw new Error(`the guard knows ${known} changes`)
  yield row(`memory of ${manyChanges} changes in a guard`, megabytes, 'MB', 60)
}

/** Processor time with live mode and without it, the sum of several starts. The server runs beside the load. */
async function* throughput(kind: NodesKind): AsyncGenerator<BenchRow> {
  const closing: (() => Promise<void>)[] = []
  try {
    const { ctx, keys, issuer, live } = await startWorld({ after: (work) => void closing.push(work) }, kind)
    const { kid, alg, privateJwk } = keys.current()
    const key = await importJWK(privateJwk, alg)
    const position = formatPosition(await currentPosition(ctx.store.db))
    const tokens: string[] = []
    for (let index = 0; index < rotation; index++)
      tokens.push(
        await new SignJWT({ permissions: [tutorial.permission.value], authz_mark: position })
          .setProtectedHeader({ alg, kid, typ: 'JWT' })
          .setIssuer(issuer)
          .setAudience(audience)
          .setSubject(`auth0|${index}`)
          .setIssuedAt()
          .setExpirationTime('2h')
          .sign(key),
      )
    const env = { LIVE_CLIENT_ID: live.clientId, LIVE_CLIENT_SECRET: live.clientSecret }
    for (const count of [1, rotation]) {
      const sum: [number, number] = [0, 0]
      for (let start = 0; start < starts; start++) {
        const sides = { of: 'fastify live', to: 'fastify with keys', tokens: count } as const
        const costs = await costsOf(sides, { issuer, audience }, tokens, env)
        sum[0] += costs[0]
        sum[1] += costs[1]
      }
      const value = sum[1] / sum[0]
      const shown = count === 1 ? 'one token' : `${count} tokens in rotation`
      const what = `Fastify, guard with live mode ÷ without, ${shown}`
      yield { what, value, unit: 'ratio', goal: '≥ 0.97', met: value >= 0.97 }
    }
  } finally {
    for (const close of closing) await close()
  }
}

function row(what: string, value: number, unit: BenchRow['unit'], atMost?: number): BenchRow {
  const goal = atMost === undefined ? '–' : `≤ ${atMost}`
  return { what, value, unit, goal, met: atMost === undefined || value <= atMost }
}

const access = { kind: 'required', requirement: permission(tutorial.permission.value) } as const
const view = () => ({ method: 'GET', path: '/', params: {}, request: undefined })

async function isAccepted(guard: Guard, token: string): Promise<boolean> {
  try {
    await guard.authorize(`Bearer ${token}`, access, view)
    return true
  } catch (error) {
    if (error instanceof GuardError) return false
    throw error
  }
}
