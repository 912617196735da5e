import type { ChangeDescription, PermissionRefs } from '@rolecall/contract'
import { existingPermissions, type PermissionRef, type ResolvedPermission } from '../apis/permission-refs.ts'
import { noSuchUser, notSupported } from '../http/api-error.ts'
import type { Caller, Scopes } from '../http/management-app.ts'
import type { Change, RequestedChange } from '../logs/audited.ts'
import { maxLoggedMembers } from '../logs/log.ts'
import { changesSince, type LogRecord } from '../logs/store.ts'
import { keepingAnOwner } from '../roles/owners.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import { addRequestedPermissions, removeRequestedPermissions } from '../roles/requested-changes.ts'
import { existingRoleIds } from '../roles/store.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import {
  assignRequestedRoles,
  giveRequestedPermissions,
  takeRequestedPermissions,
  unassignRequestedRoles,
} from './requested-changes.ts'
import { lockUser } from './store.ts'
import type { User } from './user.ts'
import { updateUser } from './users.ts'

/** An undo while it runs: the log entry of the change, and the names of what is left as it is. */
interface Undo {
  entry: LogRecord
  caller: Caller
  left: string[]
  toWire: (user: User) => object
}

/** How one kind of change is undone. */
interface Reverse {
  /** The scopes of the route that makes the opposite change. */
  scope: Scopes
  description: ChangeDescription
  /** @returns undefined when there is nothing to change */
  make: (tx: Tx, undo: Undo) => Promise<Change<undefined> | undefined>
}

/**
 * The changes that can be undone. An undo reverses what its change has done, and neither what was so before nor what the
 * log shows to be changed since, by whomever.
 */
const reverses: Partial<Record<ChangeDescription, Reverse>> = {
  'Assign roles to a user': {
    scope: ['update:users', 'delete:role_members'],
    description: 'Take roles from a user',
    make: withRoles(unassignRequestedRoles),
  },
  'Take roles from a user': {
    scope: ['update:users', 'create:role_members'],
    description: 'Assign roles to a user',
    make: withRoles(assignRequestedRoles),
  },
  'Give permissions to a user': {
    scope: ['update:users'],
    description: 'Take permissions from a user',
    make: withPermissions('user', takeRequestedPermissions),
  },
  'Take permissions from a user': {
    scope: ['update:users'],
    description: 'Give permissions to a user',
    make: withPermissions('user', giveRequestedPermissions),
  },
  'Add permissions to a role': {
    scope: ['update:roles'],
    description: 'Remove permissions from a role',
    make: withPermissions('role', removeRequestedPermissions),
  },
  'Remove permissions from a role': {
    scope: ['update:roles'],
    description: 'Add permissions to a role',
    make: withPermissions('role', addRequestedPermissions),
  },
  'Update a user': { scope: ['update:users'], description: 'Update a user', make: restoreBlocked },
}

/** @throws ApiError 400 for a change that cannot be undone */
export function reverseOf({ description }: LogRecord): Reverse {
  const [, reverse] = Object.entries(reverses).find(([undoable]) => undoable === description) ?? []
  if (!reverse) throw notSupported(`This change cannot be undone: ${description}`)
  return reverse
}

type Request<Body> = (tx: Tx, change: RequestedChange<Body>) => Promise<Change<undefined>>

/** Reverses a change of the roles of a user. Owners are locked before the user, as by other changes. */
function withRoles(opposite: Request<{ roles: string[] }>): Reverse['make'] {
  return (tx, undo) =>
    keepingAnOwner(tx, async () => {
      const { id } = await subjectOf(tx, undo, 'user')
      const roles = await rolesToReverse(tx.db, undo, id)
      return roles.length === 0 ? undefined : opposite(tx, { caller: undo.caller, id, body: { roles } })
    })
}

/** Reverses a change of the permissions of a role, or of those that a user has directly. */
function withPermissions(type: 'user' | 'role', opposite: Request<PermissionRefs>): Reverse['make'] {
  return (tx, undo) =>
    keepingAnOwner(tx, async () => {
      const { id } = await subjectOf(tx, undo, type)
      const refs = await permissionsToReverse(tx.db, undo, id)
      const permissions = refs.map(({ api, permission }) => ({
        resource_server_identifier: api,
        permission_name: permission,
      }))
      return refs.length === 0 ? undefined : opposite(tx, { caller: undo.caller, id, body: { permissions } })
    })
}

/** Blocks or unblocks, when the change has done nothing else and the user was not edited since. */
async function restoreBlocked(tx: Tx, undo: Undo): Promise<Change<undefined> | undefined> {
  const [before, after] = [stateOf(undo.entry, 'before'), stateOf(undo.entry, 'after')]
  const changed = Object.keys({ ...before, ...after }).filter(
    (name) => name !== 'updated_at' && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )
  if (changed.join() !== 'blocked') throw notSupported('Of the changes of a user, only a block can be undone')
  const blocked = before['blocked'] === true
  const restore = async () => {
    const { id, name } = await subjectOf(tx, undo, 'user')
    await requireMayActOn(tx.db, undo.caller, id)
    const later = await changesSince(tx.db, id, undo.entry.logId, maxLater)
    if (later.length === maxLater || later.some(({ description }) => description === 'Update a user')) {
      undo.left.push(name)
      return undefined
    }
    const states = await updateUser(tx, id, { blocked })
    return {
      result: undefined,
      on: { user: id },
      before: undo.toWire(states.before),
      after: undo.toWire(states.after),
    }
  }
  return keepingAnOwner(tx, restore)
}

type State = Record<string, unknown>

/** What the entry says of the time before or after its change. */
function stateOf({ details }: LogRecord, when: 'before' | 'after'): State {
  const state = details?.[when]
  return typeof state === 'object' && state !== null ? { ...state } : {}
}

/** The object that was changed. A user is locked, so that what is read about them stays true. @throws ApiError 404 */
async function subjectOf(
  tx: Tx,
  { entry: { targets = [] } }: Undo,
  type: 'user' | 'role',
): Promise<{ id: string; name: string }> {
  const subject = targets.find((target) => target.type === type)
  if (!subject) throw notSupported('The log does not name what was changed')
  if (type === 'user' && !(await lockUser(tx.db, subject.id))) throw noSuchUser()
  return subject
}

/** After so many later changes, no more are looked at: everything counts as changed. */
const maxLater = 200

async function rolesToReverse(db: Db, undo: Undo, userId: string): Promise<string[]> {
  const ids = changedIn(undo.entry, 'roles').filter((id) => typeof id === 'string')
  const later = await changesSince(db, userId, undo.entry.logId, maxLater)
  const existing = await existingRoleIds(db, ids)
  const isLeft = (id: string) =>
    !existing.has(id) ||
    later.length === maxLater ||
    later.some((entry) => names(entry, 'role', id) && !isOfProvider(entry))
  const nameOf = (id: string) =>
    undo.entry.targets?.find((target) => target.type === 'role' && target.id === id)?.name ?? id
  undo.left.push(...ids.filter(isLeft).map(nameOf))
  return ids.filter((id) => !isLeft(id))
}

async function permissionsToReverse(db: Db, undo: Undo, subjectId: string): Promise<PermissionRef[]> {
  const refs = changedIn(undo.entry, 'permissions').filter(isPermissionRef)
  const later = await changesSince(db, subjectId, undo.entry.logId, maxLater)
  const existing = await existingPermissions(db, refs)
  const isChanged = ({ apiId, permission }: ResolvedPermission) =>
    later.length === maxLater ||
    later.some((entry) => names(entry, 'permission', permission) && names(entry, 'api', apiId))
  const kept = existing.filter((one) => !isChanged(one))
  const isKept = (ref: PermissionRef) =>
    kept.some(({ api, permission }) => api === ref.api && permission === ref.permission)
  undo.left.push(...refs.filter((ref) => !isKept(ref)).map(({ permission }) => permission))
  return kept.map(({ api, permission }) => ({ api, permission }))
}

/** What a provider gives is no assignment, which alone is undone. */
const isOfProvider = ({ description }: LogRecord) => ofProviders.some((one) => one === description)
const ofProviders: readonly ChangeDescription[] = [
  'Receive roles from a provider',
  'Lose roles from a provider',
]

const names = ({ targets = [] }: LogRecord, type: 'role' | 'permission' | 'api', id: string): boolean =>
  targets.some((target) => target.type === type && target.id === id)

/** What was given, or taken. @throws ApiError 400 */
function changedIn(entry: LogRecord, name: 'roles' | 'permissions'): unknown[] {
  const list = stateOf(entry, 'before')[name] ?? stateOf(entry, 'after')[name]
  const items = Array.isArray(list) ? list : []
  // A longer list is cut off in the log.
  if (items.length >= maxLoggedMembers) throw notSupported('The change is too large to be undone')
  return items
}

function isPermissionRef(value: unknown): value is PermissionRef {
  return (
    typeof value === 'object' &&
    value !== null &&
    'api' in value &&
    'permission' in value &&
    typeof value.api === 'string' &&
    typeof value.permission === 'string'
  )
}
