import { listLogs } from '../logs/lists.ts'
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

const maxEntries = 1_000

/**
 * The newest entry of the log about a fact that a decision depends on. Only the newest changes of the tenant are looked
 * at. Long lists in an entry are cut off, so an assignment to many users at once may be missed.
 */
export async function findLastChange(
  db: Db,
  deciding: Deciding,
): Promise<{ entry: LogRecord | undefined; searchedTo: number | undefined }> {
  const entries = await listLogs(db, { type: 'sapi' }).slice({ offset: 0, limit: maxEntries })
  return {
    entry: entries.find((entry) => concerns(entry, deciding)),
    searchedTo: entries.length < maxEntries ? undefined : entries.at(-1)?.date,
  }
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
}

function concerns({ details = {} }: LogRecord, deciding: Deciding): boolean {
  const { path = '', method } = asPart(details['request'])
  const [resource = '', inPath = '', member = ''] = segmentsOf(path)
  const before = asPart(details['before'])
  const after = asPart(details['after'])
  // A POST that creates an object has no id in its path.
  const id = inPath || String(after['user_id'] ?? after['client_id'] ?? after['id'])
  const named = method === 'DELETE' ? before : after
  return concernsOf.get(resource)?.({ id, member, before, after, named }, deciding) ?? false
}

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

function concernsRole({ id, member, named }: LoggedChange, deciding: Deciding): boolean {
  if (member === 'users')
    return deciding.giving.includes(id) && list(named['users']).includes(deciding.userId)
  return member === 'permissions' && deciding.held.includes(id) && namesPermission(named, deciding)
}

function concernsUser({ member, before, after, named }: LoggedChange, deciding: Deciding): boolean {
  if (member === 'roles') return list(named['roles']).some((role) => deciding.giving.includes(String(role)))
  if (member === 'permissions') return namesPermission(named, deciding)
  return member === '' && differs(before, after, ['blocked'])
}

/** Entries of earlier versions have the permissions under `added` or `removed`. */
function namesPermission({ permissions, added, removed }: Part, { api, permission }: Deciding): boolean {
  return list(permissions ?? added ?? removed)
    .map(asPart)
    .some((ref) => ref['api'] === api.identifier && ref['permission'] === permission)
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
