import type { ChangeDescription, ChangeTarget } from '@rolecall/contract'
import { logsAbout } from '../logs/lists.ts'
import { maxLoggedMembers } from '../logs/log.ts'
import type { LogRecord } from '../logs/store.ts'
import type { Db } from '../store/store.ts'

/** What a decision depends on: a change of any of it is in the log. */
export interface Deciding {
  userId?: string | undefined
  clientId?: string | undefined
  api: { id: string; identifier: string }
  permission: string
  /** The roles that give the permission. */
  giving: readonly string[]
  /** The roles of the user. */
  held: readonly string[]
}

/** Of the many entries about an API, those about one user are found by the user. */
const ofUsers: readonly ChangeDescription[] = ['Give permissions to a user', 'Take permissions from a user']

/**
 * The newest entry of the log about a fact that a decision depends on, of any age: each such entry is about the user, the
 * application or the API.
 */
export async function findLastChange(db: Db, deciding: Deciding): Promise<LogRecord | undefined> {
  const { userId, clientId, api } = deciding
  let last: LogRecord | undefined
  const look = async (targetId: string, except?: readonly ChangeDescription[]) => {
    for await (const entry of logsAbout(db, targetId, { newerThan: last?.logId, except }))
      if (concerns(entry, deciding)) {
        last = entry
        return
      }
  }
  if (userId !== undefined) await look(userId)
  if (clientId !== undefined) await look(clientId)
  await look(api.id, ofUsers)
  return last
}

type Part = Record<string, unknown>

/** A change as the log has it. */
interface LoggedChange {
  /** The object whose path the request had, or that it created. */
  id: string
  /** What of the object changed: the path behind its id, empty for the object itself. */
  member: string
  before: Part
  after: Part
  /** The side that names what was given or taken. */
  named: Part
  targets: readonly ChangeTarget[]
}

function concerns({ details = {}, targets = [] }: LogRecord, deciding: Deciding): boolean {
  const { path, method } = asPart(details['request'])
  const [resource = '', inPath = '', member = ''] = segmentsOf(path)
  const before = asPart(details['before'])
  const after = asPart(details['after'])
  const id = inPath || idOfCreated(after)
  const named = method === 'DELETE' ? before : after
  return concernsOf.get(resource)?.({ id, member, before, after, named, targets }, deciding) ?? false
}

/** A POST that creates an object has no id in its path. */
const idOfCreated = (after: Part): string => String(after['user_id'] ?? after['client_id'] ?? after['id'])

/** By the resource that the request named. */
const concernsOf = new Map<string, (change: LoggedChange, deciding: Deciding) => boolean>([
  ['users', (change, deciding) => change.id === deciding.userId && concernsUser(change, deciding)],
  ['roles', concernsRole],
  [
    'resource-servers',
    ({ id, before, after }, deciding) =>
      [deciding.api.id, deciding.api.identifier].includes(id) && changesRules(before, after, deciding),
  ],
  [
    'client-grants',
    ({ named }, { clientId, api }) => named['client_id'] === clientId && named['audience'] === api.identifier,
  ],
  [
    'clients',
    ({ id, before, after }, { clientId }) => id === clientId && differs(before, after, ['grant_types']),
  ],
])

function concernsRole(change: LoggedChange, deciding: Deciding): boolean {
  const { id, member } = change
  if (member === 'users')
    return deciding.giving.includes(id) && isAbout(change, 'user', (userId) => userId === deciding.userId)
  return member === 'permissions' && deciding.held.includes(id) && namesPermission(change, deciding)
}

function concernsUser(change: LoggedChange, deciding: Deciding): boolean {
  const { member, before, after } = change
  if (member === 'roles') return isAbout(change, 'role', (id) => deciding.giving.includes(id))
  if (member === 'permissions') return namesPermission(change, deciding)
  return member === '' && differs(before, after, ['blocked'])
}

function isAbout(
  { targets }: LoggedChange,
  type: ChangeTarget['type'],
  isOne: (id: string) => boolean,
): boolean {
  return targets.some((target) => target.type === type && isOne(target.id))
}

/** The targets are complete. They do not say which permission is of which API, and a long list is cut off in the entry. */
function namesPermission(change: LoggedChange, { api, permission }: Deciding): boolean {
  const refs = list(change.named['permissions']).map(asPart)
  const isListed = refs.some((ref) => ref['api'] === api.identifier && ref['permission'] === permission)
  return (
    isListed ||
    (refs.length === maxLoggedMembers &&
      isAbout(change, 'api', (id) => id === api.id) &&
      isAbout(change, 'permission', (id) => id === permission))
  )
}

function changesRules(before: Part, after: Part, { permission }: Deciding): boolean {
  const declares = ({ scopes }: Part) => list(scopes).some((scope) => asPart(scope)['value'] === permission)
  return (
    differs(before, after, ['enforce_policies', 'token_dialect', 'subject_type_authorization']) ||
    declares(before) !== declares(after)
  )
}

function differs(before: Part, after: Part, members: readonly string[]): boolean {
  return members.some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
}

/** The segments of a path below `/api/v2/`. */
function segmentsOf(path: unknown): string[] {
  if (typeof path !== 'string') return []
  return path.split('/').slice(3).map(decoded)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function asPart(value: unknown): Part {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
