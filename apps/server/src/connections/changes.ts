import type { ConnectionCreate, ConnectionUpdate } from '@rolecall/contract'
import type { Context } from '../context.ts'
import { conflict, noSuchClient, noSuchConnection, notSupported } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import type { Db } from '../store/store.ts'
import { isForeignKeyViolation, isUniqueViolation } from '../store/values.ts'
import { type Connection, newConnection } from './connections.ts'
import {
  deleteConnectionRow,
  disableApplication,
  enableApplication,
  enabledApplications,
  findConnectionById,
  insertConnection,
  lockConnection,
  saveConnection,
} from './store.ts'

type Ground = Pick<Context, 'store' | 'clock'>

/** Decides whether the caller may enable or disable these applications on a connection; throws when not. */
export type MaySwitch = (tx: Db, clientIds: readonly string[]) => Promise<void>

/** Members with a column of their own, or that never change; the others are kept in `extra`. */
const ownMembers = new Set(['id', 'name', 'strategy', 'options', 'enabled_clients', '__proto__'])

/** @throws ApiError 404 */
export async function requireConnection(db: Db, id: string): Promise<Connection> {
  const connection = await findConnectionById(db, id)
  if (!connection) throw noSuchConnection()
  return connection
}

/** @throws ApiError 409 for a taken name, 400 for a strategy other than `auth0`, 404 for an unknown application */
export async function createConnection(
  ctx: Ground,
  input: ConnectionCreate,
  maySwitch: MaySwitch,
): Promise<Connection> {
  if (input.strategy !== 'auth0')
    throw notSupported(`The strategy ${input.strategy} is not supported: only auth0, a database of users, is`)
  const now = ctx.clock()
  const connection = newConnection(now, {
    name: input.name,
    options: input.options ?? {},
    extra: mergeExtra({}, input),
  })
  await explained(() =>
    ctx.store.transaction(async (tx) => {
      await insertConnection(tx, connection)
      await setApplications(tx, connection.id, input.enabled_clients ?? [], maySwitch)
      await recordChange(tx, 'connection', connection.id, now)
    }),
  )
  return connection
}

/** Members given replace, `options` as a whole; null takes away. @throws ApiError 404 */
export async function updateConnection(
  ctx: Ground,
  id: string,
  input: ConnectionUpdate,
  maySwitch: MaySwitch,
): Promise<{ before: Connection; after: Connection }> {
  const now = ctx.clock()
  return explained(() =>
    ctx.store.transaction(async (tx) => {
      const before = await lockConnection(tx, id)
      if (!before) throw noSuchConnection()
      const after: Connection = {
        ...before,
        options: input.options ?? before.options,
        extra: mergeExtra(before.extra, input),
        updatedAt: now,
      }
      await saveConnection(tx, after)
      if (input.enabled_clients) await setApplications(tx, id, input.enabled_clients, maySwitch)
      await recordChange(tx, 'connection', id, now)
      return { before, after }
    }),
  )
}

/** @throws ApiError 404; 400 while people sign in with it: their accounts would be out of reach */
export async function deleteConnection(
  ctx: Ground,
  id: string,
  hasUsers: (db: Db, connection: string) => Promise<boolean>,
  maySwitch: MaySwitch,
): Promise<Connection> {
  return ctx.store.transaction(async (tx) => {
    const connection = await lockConnection(tx, id)
    if (!connection) throw noSuchConnection()
    if (await hasUsers(tx, connection.name))
      throw notSupported(`The connection ${connection.name} has users: delete them first`)
    await maySwitch(tx, await enabledApplications(tx, id))
    await deleteConnectionRow(tx, id)
    await recordChange(tx, 'connection', id, ctx.clock())
    return connection
  })
}

/** Enables and disables applications in one step. @throws ApiError 404 for an unknown connection or application */
export async function switchApplications(
  ctx: Ground,
  id: string,
  switches: { client_id: string; status: boolean }[],
  maySwitch: MaySwitch,
): Promise<Connection> {
  return explained(() =>
    ctx.store.transaction(async (tx) => {
      const connection = await lockConnection(tx, id)
      if (!connection) throw noSuchConnection()
      const enabled = new Set(await enabledApplications(tx, id))
      const changed = switches.filter(({ client_id, status }) => enabled.has(client_id) !== status)
      await maySwitch(
        tx,
        changed.map(({ client_id }) => client_id),
      )
      for (const { client_id, status } of switches)
        await (status ? enableApplication(tx, id, client_id) : disableApplication(tx, id, client_id))
      await recordChange(tx, 'connection', id, ctx.clock())
      return connection
    }),
  )
}

async function setApplications(tx: Db, id: string, wanted: string[], maySwitch: MaySwitch): Promise<void> {
  const enabled = new Set(await enabledApplications(tx, id))
  const after = new Set(wanted)
  const gone = [...enabled].filter((clientId) => !after.has(clientId))
  const added = [...after].filter((clientId) => !enabled.has(clientId))
  await maySwitch(tx, [...gone, ...added])
  for (const clientId of gone) await disableApplication(tx, id, clientId)
  for (const clientId of added) await enableApplication(tx, id, clientId)
}

function mergeExtra(before: Record<string, unknown>, input: ConnectionUpdate): Record<string, unknown> {
  const extra: Record<string, unknown> = { ...before }
  for (const [member, value] of Object.entries(input)) {
    if (ownMembers.has(member) || value === undefined) continue
    if (value === null) delete extra[member]
    else extra[member] = value
  }
  return extra
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (isUniqueViolation(cause))
      throw conflict('A connection with the same name already exists', 'connection_conflict')
    throw isForeignKeyViolation(cause) ? noSuchClient() : cause
  }
}
