import type { ConnectionCreate, ConnectionUpdate } from '@rolecall/contract'
import { conflict, noSuchClient, noSuchConnection, notSupported } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import { mapConstraintError } from '../store/constraints.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
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

/** Decides whether the caller may enable or disable these applications on a connection; throws when not. */
export type MaySwitch = (db: Db, clientIds: readonly string[]) => Promise<void>

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
  tx: Tx,
  input: ConnectionCreate,
  maySwitch: MaySwitch,
): Promise<Connection> {
  if (input.strategy !== 'auth0')
    throw notSupported(`The strategy ${input.strategy} is not supported: only auth0, a database of users, is`)
  const connection = newConnection(tx.now, {
    name: input.name,
    options: input.options ?? {},
    extra: mergeExtra({}, input),
  })
  await mapConstraintError(insertConnection(tx.db, connection), { unique: nameTaken })
  await setApplications(tx.db, connection.id, input.enabled_clients ?? [], maySwitch)
  await recordChange(tx, 'connection', connection.id)
  return connection
}

/** Members given replace, `options` as a whole; null takes away. @throws ApiError 404 */
export async function updateConnection(
  tx: Tx,
  id: string,
  input: ConnectionUpdate,
  maySwitch: MaySwitch,
): Promise<{ before: Connection; after: Connection }> {
  const before = await editableConnection(tx.db, id)
  const after: Connection = {
    ...before,
    options: input.options ?? before.options,
    extra: mergeExtra(before.extra, input),
    updatedAt: tx.now,
  }
  await saveConnection(tx.db, after)
  if (input.enabled_clients) await setApplications(tx.db, id, input.enabled_clients, maySwitch)
  await recordChange(tx, 'connection', id)
  return { before, after }
}

/** @throws ApiError 404; 400 while people sign in with it: their accounts would be out of reach */
export async function deleteConnection(
  tx: Tx,
  id: string,
  hasUsers: (db: Db, connection: string) => Promise<boolean>,
  maySwitch: MaySwitch,
): Promise<Connection> {
  const connection = await editableConnection(tx.db, id)
  if (await hasUsers(tx.db, connection.name))
    throw notSupported(`The connection ${connection.name} has users: delete them first`)
  await maySwitch(tx.db, await enabledApplications(tx.db, id))
  await deleteConnectionRow(tx.db, id)
  await recordChange(tx, 'connection', id)
  return connection
}

/** Enables and disables applications in one step. @throws ApiError 404 for an unknown connection or application */
export async function switchApplications(
  tx: Tx,
  id: string,
  switches: { client_id: string; status: boolean }[],
  maySwitch: MaySwitch,
): Promise<Connection> {
  const connection = await editableConnection(tx.db, id)
  const enabled = new Set(await enabledApplications(tx.db, id))
  const changed = switches.filter(({ client_id, status }) => enabled.has(client_id) !== status)
  await maySwitch(
    tx.db,
    changed.map(({ client_id }) => client_id),
  )
  for (const { client_id, status } of switches)
    await (status ? enable(tx.db, id, client_id) : disableApplication(tx.db, id, client_id))
  await recordChange(tx, 'connection', id)
  return connection
}

/** As it is and stays until the transaction ends. @throws ApiError 404 */
async function editableConnection(db: Db, id: string): Promise<Connection> {
  const connection = await lockConnection(db, id)
  if (!connection) throw noSuchConnection()
  return connection
}

async function setApplications(db: Db, id: string, wanted: string[], maySwitch: MaySwitch): Promise<void> {
  const enabled = new Set(await enabledApplications(db, id))
  const after = new Set(wanted)
  const gone = [...enabled].filter((clientId) => !after.has(clientId))
  const added = [...after].filter((clientId) => !enabled.has(clientId))
  await maySwitch(db, [...gone, ...added])
  for (const clientId of gone) await disableApplication(db, id, clientId)
  for (const clientId of added) await enable(db, id, clientId)
}

function enable(db: Db, id: string, clientId: string): Promise<void> {
  return mapConstraintError(enableApplication(db, id, clientId), { foreignKey: noSuchClient })
}

const nameTaken = () => conflict('A connection with the same name already exists', 'connection_conflict')

function mergeExtra(before: Record<string, unknown>, input: ConnectionUpdate): Record<string, unknown> {
  const extra: Record<string, unknown> = { ...before }
  for (const [member, value] of Object.entries(input)) {
    if (ownMembers.has(member) || value === undefined) continue
    if (value === null) delete extra[member]
    else extra[member] = value
  }
  return extra
}
