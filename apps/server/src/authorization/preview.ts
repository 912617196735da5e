import { setImmediate } from 'node:timers/promises'
import { maxExaminedUsers, type PreviewAnswer, type PreviewRequest } from '@rolecall/contract'
import { subjectTypes } from '../apis/apis.ts'
import type { Api } from '../apis/store.ts'
import { mayGetTokensFor, requireApplication } from '../applications/applications.ts'
import type { Application, ClientGrant, SubjectType } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { type Holdings, holdingsOf, peopleNamed } from '../roles/holdings.ts'
import { countHolders } from '../roles/impact.ts'
import { chunks } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { hasPermissionsClaim } from './claims.ts'
import { apiIdOf, type Key, keyOf, permissionOf } from './permission-key.ts'
import { Plan } from './plan.ts'
import { applyChange } from './planned-changes.ts'
import { nothingPlanned } from './planned-user.ts'
import { countAudienceSubjects } from './store.ts'

const dayMs = 86_400_000
const defaultPageSize = 50
const changesPerTurn = 20

/**
 * Who gains and who loses which permission by changes that are not made. The roles that the changes touch and the
 * holdings of their members are read and compared; users with the same roles are compared once. A user who is blocked
 * or deleted holds nothing. An answer that continues another one (`from`) is about further users alone.
 * @throws ApiError as the routes of the changes do
 */
export async function preview(
  { store: { db }, clock, config }: Pick<Context, 'store' | 'clock' | 'config'>,
  { changes, details, from, take = maxExaminedUsers }: PreviewRequest,
): Promise<PreviewAnswer> {
  const plan = new Plan(db, config.localHosts)
  const wanted = details && {
    effect: details.effect,
    key: keyOf((await plan.api(details.api)).id, details.permission),
  }
  for (const [index, change] of changes.entries()) {
    await applyChange(plan, change, index)
    // The file store reads in this thread. Other requests have their turn.
    if (index % changesPerTurn === changesPerTurn - 1) await setImmediate()
  }
  const users = new Tally(wanted)
  const { examined, next } = await examineUsers(plan, users, from ?? '', take)
  const applications = new Tally(wanted)
  if (from === undefined) await compareGrants(plan, applications)

  await loadApis(plan, [users, applications])
  return {
    gained: effects(plan, 'gained', users, applications),
    lost: effects(plan, 'lost', users, applications),
    users: { gaining: users.subjects.gained, losing: users.subjects.lost },
    applications: { gaining: applications.subjects.gained, losing: applications.subjects.lost },
    settings: from === undefined ? await settingsOf(db, plan) : [],
    tokens: await issuedTokens(db, plan, [users, applications], clock()),
    complete: next === undefined,
    ...(next !== undefined && { next }),
    examined,
    ...(details && {
      details: await namesOf(plan, users.named.toSorted(), applications.named.toSorted(), details),
    }),
  }
}

/** Compares the users after an id. @returns how many, and the last one if there are further users */
async function examineUsers(
  plan: Plan,
  tally: Tally,
  after: string,
  limit: number,
): Promise<{ examined: number; next?: string }> {
  let examined = 0
  let last = after
  for await (const part of plan.affectedUsers(after)) {
    const userIds = part.slice(0, limit - examined)
    for (const some of chunks(userIds)) {
      await compareUsers(plan, some, tally)
      // The file store reads in this thread. Other requests have their turn.
      await setImmediate()
    }
    examined += userIds.length
    last = userIds.at(-1) ?? last
    if (userIds.length < part.length) return { examined, next: last }
  }
  return { examined }
}

type Effect = 'gained' | 'lost'

/** Counts subjects by effect and permission, and collects those of one effect on one permission. */
class Tally {
  readonly counts: Record<Effect, Map<Key, number>> = { gained: new Map(), lost: new Map() }
  readonly subjects: Record<Effect, number> = { gained: 0, lost: 0 }
  readonly named: string[] = []
  readonly #wanted: { effect: Effect; key: Key } | undefined

  constructor(wanted: { effect: Effect; key: Key } | undefined) {
    this.#wanted = wanted
  }

  add(subject: string, compared: Record<Effect, readonly Key[]>): void {
    for (const effect of ['gained', 'lost'] as const) {
      const keys = compared[effect]
      if (keys.length > 0) this.subjects[effect]++
      for (const key of keys) this.counts[effect].set(key, (this.counts[effect].get(key) ?? 0) + 1)
    }
    if (this.#wanted && compared[this.#wanted.effect].includes(this.#wanted.key)) this.named.push(subject)
  }

  keys(): Set<Key> {
    return new Set([...this.counts.gained.keys(), ...this.counts.lost.keys()])
  }
}

function difference(before: ReadonlySet<Key>, after: ReadonlySet<Key>): Record<Effect, Key[]> {
  return {
    gained: [...after].filter((key) => !before.has(key)),
    lost: [...before].filter((key) => !after.has(key)),
  }
}

async function compareUsers(plan: Plan, userIds: readonly string[], tally: Tally): Promise<void> {
  const holdings = await holdingsOf(plan.db, userIds)
  await plan.loadRoles([...new Set(holdings.flatMap(({ roles }) => roles))])
  const known = new Map<string, Record<Effect, Key[]>>()
  for (const user of holdings) {
    const isGivenLess = plan.kept.size > 0 && user.given.length > 0
    const isOrdinary =
      !user.blocked && user.direct.length === 0 && !plan.users.has(user.userId) && !isGivenLess
    const signature = user.roles.join(' ')
    const found = isOrdinary ? known.get(signature) : undefined
    const compared = found ?? difference(keysBefore(plan, user), keysAfter(plan, user))
    if (isOrdinary) known.set(signature, compared)
    tally.add(user.userId, compared)
  }
}

function keysBefore(plan: Plan, { blocked, roles, direct }: Holdings): Set<Key> {
  if (blocked) return new Set()
  const keys = new Set(direct.map(({ apiId, permission }) => keyOf(apiId, permission)))
  for (const id of roles) for (const key of plan.roles.get(id)?.before ?? []) keys.add(key)
  return keys
}

function keysAfter(plan: Plan, { userId, blocked, assigned, given, direct }: Holdings): Set<Key> {
  const change = plan.users.get(userId) ?? nothingPlanned()
  if (change.isDeleted || (change.blocked ?? blocked)) return new Set()
  const keptDirect = direct
    .map(({ apiId, permission }) => keyOf(apiId, permission))
    .filter((key) => !plan.erased.has(key) && !change.removedDirect.has(key))
  const held = [
    ...assigned.filter((id) => !change.removedRoles.has(id)),
    ...given.filter((role) => plan.isGiven(role)).map(({ roleId }) => roleId),
    ...change.addedRoles,
  ]
  const keys = new Set([...keptDirect, ...change.addedDirect])
  for (const id of held) for (const key of plan.roles.get(id)?.after ?? []) keys.add(key)
  return keys
}

/**
 * What applications have for themselves. A grant for users gives nothing: it limits what users pass to an application. Nor
 * does a grant of an application that gets no tokens for itself.
 */
async function compareGrants(plan: Plan, tally: Tally): Promise<void> {
  await plan.loadApplications()
  const applications = new Map<string, { before: Set<Key>; after: Set<Key> }>()
  for (const { before, after } of plan.grants.values()) {
    const grant = before ?? after
    const application = grant && plan.applications.get(grant.clientId)
    if (!application || grant.subjectType !== 'client') continue
    const api = plan.apis.get(grant.apiId)
    const keys = applications.get(grant.clientId) ?? { before: new Set(), after: new Set() }
    for (const key of keysIn(before, application.before, api?.before)) keys.before.add(key)
    for (const key of keysIn(after, application.after, api?.after)) keys.after.add(key)
    applications.set(grant.clientId, keys)
  }
  for (const [clientId, { before, after }] of applications) tally.add(clientId, difference(before, after))
}

function keysIn(
  grant: ClientGrant | undefined,
  application: Application | undefined,
  api: Api | undefined,
): Key[] {
  if (!grant || !application || !mayGetTokensFor(application, 'client')) return []
  const scope = grant.allowAllScopes ? (api?.permissions.map(({ value }) => value) ?? []) : grant.scope
  return scope.map((permission) => keyOf(grant.apiId, permission))
}

/** Reads the APIs of permissions that were reached through roles alone. */
async function loadApis(plan: Plan, tallies: readonly Tally[]): Promise<void> {
  for (const id of new Set(tallies.flatMap((tally) => [...tally.keys()].map(apiIdOf))))
    if (!plan.apis.has(id)) await plan.api(id)
}

function effects(plan: Plan, effect: Effect, users: Tally, applications: Tally): PreviewAnswer['gained'] {
  const keys = new Set([...users.counts[effect].keys(), ...applications.counts[effect].keys()])
  return [...keys].toSorted().map((key) => ({
    api: plan.apis.get(apiIdOf(key))?.before.identifier ?? '',
    permission: permissionOf(key),
    users: users.counts[effect].get(key) ?? 0,
    applications: applications.counts[effect].get(key) ?? 0,
  }))
}

async function settingsOf(db: Db, plan: Plan): Promise<PreviewAnswer['settings']> {
  const settings: PreviewAnswer['settings'] = []
  for (const { before, after } of plan.apis.values()) {
    if (!after) continue
    const enforced = { before: before.enforcePolicies ?? false, after: after.enforcePolicies ?? false }
    const claim = { before: hasPermissionsClaim(before), after: hasPermissionsClaim(after) }
    const policies = { before: subjectTypes(before), after: subjectTypes(after) }
    const policy = (type: SubjectType) => ({
      before: policies.before[type].policy,
      after: policies.after[type].policy,
    })
    const changed = { enforced, claim, user: policy('user'), client: policy('client') }
    if (Object.values(changed).every((one) => one.before === one.after)) continue
    settings.push({
      api: before.identifier,
      enforce_policies: enforced,
      permissions_claim: claim,
      user_policy: changed.user,
      client_policy: changed.client,
      users: (await countHolders(db, { apiId: before.id })).users,
    })
  }
  return settings
}

async function issuedTokens(
  db: Db,
  plan: Plan,
  tallies: readonly Tally[],
  now: number,
): Promise<PreviewAnswer['tokens']> {
  const reached = new Set(tallies.flatMap((tally) => [...tally.keys()].map(apiIdOf)))
  const tokens: PreviewAnswer['tokens'] = []
  for (const [id, { before, after }] of plan.apis)
    if (reached.has(id) || before !== after) {
      const { identifier: api, tokenLifetime: lifetime } = before
      // The time of a token is stored once a day for each subject.
      const since = now - lifetime * 1_000 - dayMs
      tokens.push({ api, lifetime, subjects: await countAudienceSubjects(db, api, since) })
    }
  return tokens
}

async function namesOf(
  { db, applications }: Plan,
  userIds: readonly string[],
  clientIds: readonly string[],
  { page = 0, per_page: size = defaultPageSize }: NonNullable<PreviewRequest['details']>,
): Promise<NonNullable<PreviewAnswer['details']>> {
  const start = page * size
  const people = await peopleNamed(db, userIds.slice(start, start + size))
  const clients: { client_id: string; name: string }[] = []
  const named = (id: string) => applications.get(id)?.before ?? requireApplication(db, id)
  const from = Math.max(0, start - userIds.length)
  for (const clientId of clientIds.slice(from, from + size - people.length))
    clients.push({ client_id: clientId, name: (await named(clientId)).name })
  return {
    users: people.map(({ userId, email, name }) => ({ user_id: userId, email, name })),
    clients,
    total: userIds.length + clientIds.length,
  }
}
