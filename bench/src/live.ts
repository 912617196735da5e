/**
 * Live authorization: how long a change takes until a guard refuses the token that carries what was taken, and the memory
 * of a guard that knows many changes. With two nodes, the change is made at one and the guard reads the other. Server and
 * guard share a process, so the figures include the processor time of both.
 */
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createGuard, type Guard, GuardError, permission } from '@rolecall/guard'
import {
  assignRoles,
  audience,
  createApplication,
  logIn,
  makeTutorial,
  mark,
  type NodesKind,
  nodesKinds,
  redeem,
  refresh,
  startServer,
  transaction,
  unassignRoles,
} from '@rolecall/server/test-kit'
import { startTestPostgres } from '@rolecall/server/test-kit/store'
import { tutorial } from '@rolecall/server/tutorial'
import { type BenchRow, median } from './results.ts'

const changes = 1_000
const manyChanges = 100_000
setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

export async function* bench(): AsyncGenerator<BenchRow> {
  const postgres = await startTestPostgres()
  try {
    for (const kind of nodesKinds) yield* measure(kind)
  } finally {
    await postgres.stop()
  }
}

async function* measure(kind: NodesKind): AsyncGenerator<BenchRow> {
  const closing: (() => Promise<void>)[] = []
  const end = { after: (work: () => Promise<void>) => void closing.push(work) }
  try {
    const server = await startServer(end, kind)
    const { admin, role, spa } = await makeTutorial(server.ctx)
    const [, other = server.issuer] = await kind.addresses(end, server)
    const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
      createApplication(tx, {
        name: 'The API itself',
        app_type: 'resource_server',
        resource_server_identifier: audience,
      }),
    )
    const newGuard = () => {
      const guard = createGuard({
        issuer: server.issuer,
        audience,
        live: { clientId: application.clientId, clientSecret },
        fetch: (url, init) => fetch(url.replace(server.issuer, other), init),
      })
      closing.unshift(async () => guard.close())
      return guard
    }
    const guard = newGuard()
    const login = await logIn(server, spa.clientId, 'admin@example.com')
    let { body } = await redeem(server, spa.clientId, login)
    const times: number[] = []
    for (let index = 0; index < changes; index++) {
      for (let use = 0; use < 3; use++) await isAccepted(guard, body.access_token)
      const started = performance.now()
      await transaction(server.ctx, (tx) => unassignRoles(tx, admin.userId, [role.id]))
      while (await isAccepted(guard, body.access_token)) await setImmediate()
      times.push(performance.now() - started)
      await transaction(server.ctx, (tx) => assignRoles(tx, admin.userId, [role.id]))
      const { body: renewed } = await refresh(server, spa.clientId, body.refresh_token)
      body = { ...renewed, refresh_token: renewed.refresh_token ?? body.refresh_token }
    }
    const sorted = times.toSorted((a, b) => a - b)
    const p99 = sorted[Math.floor(changes * 0.99)] ?? Number.NaN
    const row = (what: string, value: number, unit: BenchRow['unit'], goal: string, met: boolean) => ({
      what: `${kind.name}: ${what}`,
      value,
      unit,
      goal,
      met,
    })
    yield row('change of a role → refused by a guard, median', median(times), 'ms', '–', true)
    yield row(`the same, p99 of ${changes}`, p99, 'ms', '≤ 500', p99 <= 500)

    await transaction(server.ctx, async (tx) => {
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
    const late = newGuard()
    await late.refreshKeys()
    while ((late.live[0]?.changes ?? 0) < manyChanges) await setImmediate()
    yield row(`snapshot of ${manyChanges} changes`, performance.now() - started, 'ms', '–', true)
    collect()
    const megabytes = (process.memoryUsage().heapUsed - before) / 1_048_576
    yield row(`memory of ${manyChanges} changes in a guard`, megabytes, 'MB', '≤ 60', megabytes <= 60)
  } finally {
    for (const close of closing) await close()
  }
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
