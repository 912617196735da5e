import type { ChangeDescription, ChangeTarget } from '@rolecall/contract'
import { logsAbout } from '../logs/lists.ts'
import { maxLoggedMembers } from '../logs/log.ts'
import type { LogRecord } from '../logs/store.ts'
import type { Db } from '../store/store.ts'

/** What a decision depends on: a change of any of it is in the log. */
export interface Deciding {
  userId?: string | undefined
  clientId?: string | undefined
  /** Of the user, where an application is asked about too. */
  connectionId?: string | undefined
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
 * application, the API or the connection.
 */
export async function findLastChange(db: Db, deciding: Deciding): Promise<LogRecord | undefined> {
  const { userId, clientId, connectionId, api } = deciding
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
  if (connectionId !== undefined) await look(connectionId)
  await look(api.id, ofUsers)
  return last
}

type Part = Record<string, unknown>

/** A change as the log has it. */
interface LoggedChange {
  before: Part
  after: Part
  /** The side that names what was given or taken. */
  named: Part
  targets: readonly ChangeTarget[]
}

type Concerns = (change: LoggedChange, deciding: Deciding) => boolean

function concerns({ description, details = {}, targets = [] }: LogRecord, deciding: Deciding): boolean {
  const before = asPart(details['before'])
  const after = asPart(details['after'])
  const named = details['after'] === undefined ? before : after
  return concernsOf.get(description)?.({ before, after, named, targets }, deciding) ?? false
}

const isUser: Concerns = (change, { userId }) => isAbout(change, 'user', (id) => id === userId)
const isClient: Concerns = (change, { clientId }) => isAbout(change, 'client', (id) => id === clientId)

const block: Concerns = (change, deciding) =>
  isUser(change, deciding) && differs(change.before, change.after, ['blocked'])
const membership: Concerns = (change, deciding) =>
  isUser(change, deciding) && isAbout(change, 'role', (id) => deciding.giving.includes(id))
const directPermissions: Concerns = (change, deciding) =>
  isUser(change, deciding) && namesPermission(change, deciding)
const rolePermissions: Concerns = (change, deciding) =>
  isAbout(change, 'role', (id) => deciding.held.includes(id)) && namesPermission(change, deciding)
const api: Concerns = (change, deciding) =>
  isAbout(change, 'api', (id) => id === deciding.api.id) && changesRules(change, deciding)
const grant: Concerns = ({ named }, { clientId, api: { identifier } }) =>
  named['client_id'] === clientId && named['audience'] === identifier
const application: Concerns = (change, deciding) =>
  isClient(change, deciding) && differs(change.before, change.after, ['grant_types'])
const isConnection: Concerns = (change, { connectionId }) =>
  isAbout(change, 'connection', (id) => id === connectionId)
const connection: Concerns = (change, deciding) => {
  const enables = (part: Part) => list(part['enabled_clients']).includes(deciding.clientId)
  return isConnection(change, deciding) && enables(change.before) !== enables(change.after)
}
const connectionClients: Concerns = (change, deciding) =>
  isConnection(change, deciding) && isClient(change, deciding)

/** By what was done and not by the route: several routes make the same change. */
const concernsOf: ReadonlyMap<string, Concerns> = new Map<ChangeDescription, Concerns>([
  ['Create a user', block],
  ['Update a user', block],
  ['Assign roles to a user', membership],
  ['Assign users to a role', membership],
  ['Take roles from a user', membership],
  ['Receive roles from a provider', membership],
  ['Lose roles from a provider', membership],
  ['Link an account to a user', isUser],
  ['Unlink an account from a user', isUser],
  ['Give permissions to a user', directPermissions],
  ['Take permissions from a user', directPermissions],
  ['Add permissions to a role', rolePermissions],
  ['Remove permissions from a role', rolePermissions],
  ['Create a resource server', api],
  ['Update a resource server', api],
  ['Create a client', application],
  ['Update a client', application],
  ['Create a client grant', grant],
  ['Update a client grant', grant],
  ['Delete a client grant', grant],
  ['Create a connection', connection],
  ['Update a connection', connection],
  ["Update a connection's clients", connectionClients],
])

function isAbout(
  { targets }: LoggedChange,
  type: ChangeTarget['type'],
  isOne: (id: string) => boolean,
): boolean {
  return targets.some((target) => target.type === type && isOne(target.id))
}

/** The targets are complete. They do not say which permission is of which API, and a long list is cut off in the entry. */
function namesPermission(
  change: LoggedChange,
  { api: { id: apiId, identifier }, permission }: Deciding,
): boolean {
  const refs = list(change.named['permissions']).map(asPart)
  const isListed = refs.some((ref) => ref['api'] === identifier && ref['permission'] === permission)
  return (
    isListed ||
    (refs.length === maxLoggedMembers &&
      isAbout(change, 'api', (id) => id === apiId) &&
      isAbout(change, 'permission', (id) => id === permission))
  )
}

function changesRules({ before, after }: LoggedChange, { permission }: Deciding): boolean {
  const declares = ({ scopes }: Part) => list(scopes).some((scope) => asPart(scope)['value'] === permission)
  return (
    differs(before, after, ['enforce_policies', 'token_dialect', 'subject_type_authorization']) ||
    declares(before) !== declares(after)
  )
}

function differs(before: Part, after: Part, members: readonly string[]): boolean {
  return members.some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
}

function asPart(value: unknown): Part {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
