import {
  type ConnectionCreate,
  type ConnectionOptions,
  type ConnectionUpdate,
  optionsOfStrategy,
} from '@rolecall/contract'
import type { Context } from '../context.ts'
import { randomAlphanumeric } from '../crypto/secrets.ts'
import { conflict, invalidBody, noSuchClient, noSuchConnection, notSupported } from '../http/api-error.ts'
import { problemOfAddress } from '../http/outbound.ts'
import { parsePart } from '../http/validation.ts'
import { dropProviderRoles } from '../roles/provider-roles.ts'
import { lockIdentities } from '../roles/role-sources.ts'
import { endUserSessions } from '../sessions/store.ts'
import { recordChange } from '../store/changes.ts'
import { mapConstraintError } from '../store/constraints.ts'
import { mark } from '../store/marks.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { mergeExtra } from '../store/values.ts'
import { sealMigrationSecrets } from './lazy-migration.ts'
import { isProvider, withProviderOptions } from './provider.ts'
import { mappedRoleIds, resolveRoleMapping } from './role-mapping.ts'
import {
  type Connection,
  deleteConnectionRow,
  disableApplication,
  enableApplication,
  enabledApplications,
  findConnectionById,
  insertConnection,
  lockConnection,
  saveConnection,
} from './store.ts'

/** The connection that the first start creates, with the name that Auth0's tools expect. */
export const defaultConnectionName = 'Username-Password-Authentication'

/** What the rules need besides the transaction. */
export type ConnectionDeps = Pick<Context, 'sealer' | 'config'>

/** Auth0's defaults for a new database: https://auth0.com/docs/api/management/v2/connections/post-connections */
export function newConnection(
  now: number,
  given: {
    name: string
    strategy?: string | undefined
    options?: ConnectionOptions | undefined
    extra?: Record<string, unknown>
  },
): Connection {
  return {
    id: `con_${randomAlphanumeric(16)}`,
    name: given.name,
    strategy: given.strategy ?? 'auth0',
    options: isProvider({ strategy: given.strategy ?? 'auth0' })
      ? {}
      : {
          mfa: { active: true, return_enroll_settings: true },
          // Length and a list of common passwords, no composition rules (ASVS 6.2.5): the rules of `accounts/password-policy.ts`.
          passwordPolicy: 'low',
          brute_force_protection: true,
          // auth0-deploy-cli adds it to each import. Without this default an export would differ after an import.
          disable_self_service_change_password: false,
          ...given.options,
        },
    extra: given.extra ?? {},
    createdAt: now,
    updatedAt: now,
  }
}

/** Throws unless the caller may enable and disable these applications on the connection. */
export type RequireMayEnable = (db: Db, connection: Connection, clientIds: readonly string[]) => Promise<void>

/** Members that have their own column or never change. The others are stored in `extra`. */
const ownMembers = new Set(['id', 'name', 'strategy', 'options', 'enabled_clients', '__proto__'])

/** @throws ApiError 404 */
export async function requireConnection(db: Db, id: string): Promise<Connection> {
  const connection = await findConnectionById(db, id)
  if (!connection) throw noSuchConnection()
  return connection
}

/** @throws ApiError 409 for a taken name, 400 for an address or a role that cannot be used, 404 for an unknown application */
export async function createConnection(
  tx: Tx,
  deps: ConnectionDeps,
  input: ConnectionCreate,
  requireMayEnable: RequireMayEnable,
): Promise<Connection> {
  const { name, strategy } = input
  // The first owner is created in it, and a start creates it where it is missing.
  if (name === defaultConnectionName) requireDatabase(input, 'The connection of the first owner')
  const made = newConnection(tx.now, { name, strategy, extra: mergeExtra({}, input, ownMembers) })
  const connection = await withOptions(tx, deps, made, { ...made.options, ...input.options })
  await mapConstraintError(insertConnection(tx.db, connection), { unique: nameTaken })
  await setApplications(tx, connection, input.enabled_clients ?? [], requireMayEnable)
  await recordChange(tx, 'connection', connection.id)
  return connection
}

/** Members of the body replace, `options` as a whole; null removes. @throws ApiError 404, 400 as for a new one */
export async function updateConnection(
  tx: Tx,
  deps: ConnectionDeps,
  id: string,
  input: ConnectionUpdate,
  requireMayEnable: RequireMayEnable,
): Promise<{ before: Connection; after: Connection }> {
  const before = await editableConnection(tx.db, id)
  requireUnchangedStrategy(before, input.strategy)
  const options = input.options && optionsFor(before.strategy, input.options)
  const after: Connection = {
    ...(options ? await withOptions(tx, deps, before, options) : before),
    extra: mergeExtra(before.extra, input, ownMembers),
    updatedAt: tx.now,
  }
  await saveConnection(tx.db, after)
  // What the mapping gives no more is taken at once, other changes show at the next log-in.
  if (before.roleMapping)
    await dropProviderRoles(tx, { connectionId: id, exceptRoleIds: mappedRoleIds(after.roleMapping) })
  if (input.enabled_clients) await setApplications(tx, after, input.enabled_clients, requireMayEnable)
  await recordChange(tx, 'connection', id)
  return { before, after }
}

/** @param what needs a database of users, at the beginning of a sentence. @throws ApiError 400 */
export function requireDatabase(
  { name, strategy }: Pick<Connection, 'name' | 'strategy'>,
  what: string,
): void {
  if (isProvider({ strategy }))
    throw notSupported(
      `${what} needs a database connection: the users of ${name} log in at another provider (${strategy})`,
    )
}

export function requireUnchangedStrategy(
  { name, strategy }: Pick<Connection, 'name' | 'strategy'>,
  given: string | undefined,
): void {
  if (given !== undefined && given !== strategy)
    throw notSupported(
      `The connection ${name} has the strategy ${strategy}, which cannot be changed: create another connection`,
    )
}

/** The options of an update, which does not name the strategy. @throws ApiError 400 */
export function optionsFor(strategy: string, options: unknown): ConnectionOptions {
  return strategy === 'oidc' || strategy === 'github'
    ? parsePart(optionsOfStrategy[strategy], options, 'options')
    : parsePart(optionsOfStrategy.auth0, options, 'options')
}

async function withOptions(
  { db }: Tx,
  { sealer, config }: ConnectionDeps,
  before: Connection,
  options: ConnectionOptions,
): Promise<Connection> {
  if (!isProvider(before)) return sealMigrationSecrets(sealer, before, options)
  requireReachable(config.localHosts, options)
  const { role_mapping: input } = options
  return withProviderOptions(sealer, before, options, input ? await resolveRoleMapping(db, input) : undefined)
}

/** Nothing is sent to the provider: it may be set up later than the connection. @throws ApiError 400 */
export function requireReachable(localHosts: readonly string[], options: ConnectionOptions): void {
  for (const member of ['discovery_url', 'issuer'] as const) {
    const url = options[member]
    const problem = url ? problemOfAddress(localHosts, url) : undefined
    if (problem !== undefined) throw invalidBody(`'${problem}' on property options.${member}`)
  }
}

/** Ends the sessions and refresh tokens of users who have linked an account of it. @throws ApiError 404; 400 while it has users */
export async function deleteConnection(
  tx: Tx,
  id: string,
  hasUsers: (db: Db, connection: string) => Promise<boolean>,
  requireMayEnable: RequireMayEnable,
): Promise<Connection> {
  const connection = await editableConnection(tx.db, id)
  if (await hasUsers(tx.db, connection.name)) throw connectionHasUsers(connection.name)
  await requireMayEnable(tx.db, connection, await enabledApplications(tx.db, id))
  // They may have logged in with the accounts there, as `unlinkIdentity` says of one.
  for (const userId of await lockIdentities(tx.db, id)) {
    await endUserSessions(tx.db, userId)
    mark(tx, { effect: 'loss', reason: 'session', subject: userId })
  }
  await dropProviderRoles(tx, { connectionId: id })
  await deleteConnectionRow(tx.db, id)
  await recordChange(tx, 'connection', id)
  return connection
}

/** Enables and disables applications in one step. @throws ApiError 404 for an unknown connection or application */
export async function enableOrDisableApplications(
  tx: Tx,
  id: string,
  switches: { client_id: string; status: boolean }[],
  requireMayEnable: RequireMayEnable,
): Promise<Connection> {
  const connection = await editableConnection(tx.db, id)
  const enabled = new Set(await enabledApplications(tx.db, id))
  const changed = switches.filter(({ client_id, status }) => enabled.has(client_id) !== status)
  await requireMayEnable(
    tx.db,
    connection,
    changed.map(({ client_id }) => client_id),
  )
  for (const { client_id, status } of switches)
    await (status ? enable(tx.db, id, client_id) : disable(tx, id, client_id))
  await recordChange(tx, 'connection', id)
  return connection
}

/** Locks the row until the transaction ends. @throws ApiError 404 */
async function editableConnection(db: Db, id: string): Promise<Connection> {
  const connection = await lockConnection(db, id)
  if (!connection) throw noSuchConnection()
  return connection
}

async function setApplications(
  tx: Tx,
  connection: Connection,
  wanted: string[],
  requireMayEnable: RequireMayEnable,
): Promise<void> {
  const { db } = tx
  const { id } = connection
  const enabled = new Set(await enabledApplications(db, id))
  const after = new Set(wanted)
  const gone = [...enabled].filter((clientId) => !after.has(clientId))
  const added = [...after].filter((clientId) => !enabled.has(clientId))
  await requireMayEnable(db, connection, [...gone, ...added])
  for (const clientId of gone) await disable(tx, id, clientId)
  for (const clientId of added) await enable(db, id, clientId)
}

function enable(db: Db, id: string, clientId: string): Promise<void> {
  return mapConstraintError(enableApplication(db, id, clientId), { foreignKey: noSuchClient })
}

/** Tokens of the connection's users at the application are refused when they are renewed. */
async function disable(tx: Tx, id: string, clientId: string): Promise<void> {
  await disableApplication(tx.db, id, clientId)
  mark(tx, { effect: 'loss', reason: 'session', application: clientId })
}

export const connectionHasUsers = (name: string) =>
  notSupported(`The connection ${name} has users: delete them first`)

export const nameTaken = () =>
  conflict('A connection with the same name already exists', 'connection_conflict')
