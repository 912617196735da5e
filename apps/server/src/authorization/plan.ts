import type { RoleMapping } from '@rolecall/contract'
import { requireApi } from '../apis/apis.ts'
import type { PermissionRef } from '../apis/permission-refs.ts'
import { type Api, findApiIds } from '../apis/store.ts'
import { requireApplication } from '../applications/applications.ts'
import { listGrants } from '../applications/lists.ts'
import { type Application, applicationsWithIds, type ClientGrant } from '../applications/store.ts'
import { noSuchMappedRole } from '../connections/role-mapping.ts'
import {
  apiExists,
  forbidden,
  noSuchApi,
  noSuchClient,
  noSuchRole,
  noSuchUser,
  notFound,
  roleExists,
} from '../http/api-error.ts'
import {
  byBytes,
  directHoldersOf,
  type GivenRole,
  holdingsOf,
  membersOf,
  mergeUsers,
  permissionsByRole,
  receiversOf,
  rolesWithAny,
} from '../roles/holdings.ts'
import { editableRole } from '../roles/roles.ts'
import { existingRoleIds, findRoleByName } from '../roles/store.ts'
import { nameKey } from '../store/canonical.ts'
import type { Db } from '../store/store.ts'
import { apiIdOf, type Key, keyOf, permissionOf } from './permission-key.ts'
import { PlannedConnections } from './planned-connections.ts'
import { nothingPlanned, type UserPlan } from './planned-user.ts'

interface RolePlan {
  /** That a change gives it. */
  name?: string
  before: ReadonlySet<Key>
  after: Set<Key>
  isDeleted: boolean
}

const manyGrants = { offset: 0, limit: 10_000 }

/**
 * The tenant before and after planned changes: what the changes touch, read when they touch it. Nothing is written. The
 * changes are refused as the routes refuse them, for what does not exist and for system objects.
 */
export class Plan {
  readonly db: Db
  readonly connections: PlannedConnections
  /** Ids of new APIs, by these ids and by identifier. */
  readonly #newApis = new Map<string, string>()
  readonly #newRoles = new Set<string>()
  readonly apis = new Map<string, { before: Api; after: Api | undefined }>()
  readonly roles = new Map<string, RolePlan>()
  readonly users = new Map<string, UserPlan>()
  /** Of connections that will give fewer roles: those that they still give. */
  readonly kept = new Map<string, ReadonlySet<string>>()
  readonly grants = new Map<string, { before?: ClientGrant; after?: ClientGrant }>()
  readonly applications = new Map<string, { before: Application; after: Application | undefined }>()
  /** Permissions that are deleted with all assignments, at whatever time they are declared again. */
  readonly erased = new Set<Key>()

  constructor(db: Db, localHosts: readonly string[]) {
    this.db = db
    this.connections = new PlannedConnections(db, localHosts)
  }

  /** @throws ApiError 404 */
  async api(idOrIdentifier: string): Promise<Api> {
    const id = this.#newApis.get(idOrIdentifier)
    const { after } = (id && this.apis.get(id)) || (await this.#storedApi(idOrIdentifier))
    if (!after) throw noSuchApi()
    return after
  }

  async #storedApi(idOrIdentifier: string) {
    const stored = await requireApi(this.db, idOrIdentifier)
    const plan = this.apis.get(stored.id) ?? { before: stored, after: stored }
    this.apis.set(stored.id, plan)
    return plan
  }

  /** @throws ApiError 409 when the identifier is taken */
  async addApi(api: Api): Promise<void> {
    const { identifier } = api
    const holder = (await findApiIds(this.db, [identifier])).get(identifier)
    const isHeld = (id?: string) => id !== undefined && (!this.apis.has(id) || this.apis.get(id)?.after)
    if (isHeld(holder) || isHeld(this.#newApis.get(identifier))) throw apiExists()
    this.#newApis.set(api.id, api.id).set(identifier, api.id)
    this.apis.set(api.id, { before: api, after: api })
  }

  /** @throws ApiError 404, 403 for a system API */
  async editableApi(idOrIdentifier: string): Promise<Api> {
    const api = await this.api(idOrIdentifier)
    if (api.isSystem) throw forbidden(`${api.name} is kept by the system and cannot be changed`)
    await this.#loadGrants({ apiId: api.id })
    return api
  }

  /** @param after undefined: deleted. Permissions that it does not declare are taken from all holders. */
  async replaceApi(before: Api, after: Api | undefined): Promise<void> {
    const declared = new Set(after?.permissions.map(({ value }) => value))
    const gone = before.permissions.map(({ value }) => value).filter((value) => !declared.has(value))
    await this.loadRoles(await rolesWithAny(this.db, before.id, gone))
    for (const value of gone) {
      const key = keyOf(before.id, value)
      this.erased.add(key)
      for (const role of this.roles.values()) role.after.delete(key)
      for (const user of this.users.values()) user.addedDirect.delete(key)
    }
    for (const plan of this.grants.values())
      if (plan.after?.apiId === before.id) {
        if (after) plan.after = { ...plan.after, scope: plan.after.scope.filter((one) => declared.has(one)) }
        else delete plan.after
      }
    this.apis.set(before.id, { before: this.apis.get(before.id)?.before ?? before, after })
  }

  /** @throws ApiError 404 for the first that does not exist */
  async requireRoles(ids: readonly string[]): Promise<RolePlan[]> {
    const unknown = ids.filter((id) => !this.roles.has(id))
    const existing = await existingRoleIds(this.db, unknown)
    await this.loadRoles([...existing])
    return ids.map((id) => {
      const role = this.roles.get(id)
      if (!role || role.isDeleted) throw noSuchRole()
      return role
    })
  }

  /** @throws ApiError 409 when the name is taken */
  async addRole(id: string, name: string): Promise<void> {
    await this.#requireFreeName(name)
    this.#newRoles.add(id)
    this.roles.set(id, { name, before: new Set(), after: new Set(), isDeleted: false })
  }

  /** For the roles that a connection maps. @throws ApiError 400 for the first that does not exist */
  async mappedRoles(mapping: RoleMapping | null | undefined): Promise<Set<string>> {
    const ids = new Set<string>()
    for (const { role } of mapping?.roles ?? []) {
      const id = await this.#roleNamed(role)
      if (id === undefined) throw noSuchMappedRole(mapping?.roles ?? [], role)
      ids.add(id)
    }
    return ids
  }

  /** A connection gives no other roles any more. */
  keepGiven(connectionId: string, roleIds: ReadonlySet<string>): void {
    const kept = this.kept.get(connectionId)
    this.kept.set(connectionId, kept ? new Set([...roleIds].filter((id) => kept.has(id))) : roleIds)
  }

  isGiven({ connectionId, roleId }: GivenRole): boolean {
    return this.kept.get(connectionId)?.has(roleId) ?? true
  }

  /** @throws ApiError 404, 403 for a system role, 409 when the name is taken */
  async renameRole(id: string, name: string): Promise<void> {
    const role = await this.editableRole(id)
    await this.#requireFreeName(name, id)
    role.name = name
  }

  async #requireFreeName(name: string, id?: string): Promise<void> {
    if ((await this.#roleNamed(name, id)) !== undefined) throw roleExists()
  }

  /** The id of a role other than this one that has the name. */
  async #roleNamed(name: string, id?: string): Promise<string | undefined> {
    const key = nameKey(name)
    const holder = await findRoleByName(this.db, name)
    const plan = holder && this.roles.get(holder.id)
    const isHeld = holder && holder.id !== id && !plan?.isDeleted && nameKey(plan?.name ?? name) === key
    if (isHeld) return holder.id
    const [planned] =
      [...this.roles].find(
        ([other, role]) =>
          other !== id && !role.isDeleted && role.name !== undefined && nameKey(role.name) === key,
      ) ?? []
    return planned
  }

  /** @throws ApiError 404, 403 for a system role */
  async editableRole(id: string): Promise<RolePlan> {
    const [role] = await this.requireRoles([id])
    if (!this.#newRoles.has(id)) await editableRole(this.db, id)
    if (!role) throw noSuchRole()
    return role
  }

  async loadRoles(ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.roles.has(id))
    if (missing.length === 0) return
    for (const [id, permissions] of await permissionsByRole(this.db, missing)) {
      const keys = permissions.map(({ apiId, permission }) => keyOf(apiId, permission))
      this.roles.set(id, { before: new Set(keys), after: new Set(keys), isDeleted: false })
    }
  }

  /** @throws ApiError 404 for the first that does not exist */
  async requireUsers(ids: readonly string[]): Promise<UserPlan[]> {
    const unknown = [...new Set(ids)].filter((id) => !this.users.has(id))
    for (const { userId } of await holdingsOf(this.db, unknown)) this.users.set(userId, nothingPlanned())
    return ids.map((id) => {
      const user = this.users.get(id)
      if (!user || user.isDeleted) throw noSuchUser()
      return user
    })
  }

  /** @throws ApiError 404 */
  async user(id: string): Promise<UserPlan> {
    const [user] = await this.requireUsers([id])
    if (!user) throw noSuchUser()
    return user
  }

  /** Permissions that are declared when the change is made. @throws ApiError 404 for the first that is not */
  async keys(refs: readonly PermissionRef[]): Promise<Key[]> {
    const { found, missing } = await this.#lookUp(refs)
    if (missing)
      throw notFound(
        `The permission ${missing.permission} of the resource server ${missing.api} does not exist`,
        'inexistent_permission',
      )
    return found
  }

  /** As `keys`, for a removal: permissions that do not exist are left out. */
  async existingKeys(refs: readonly PermissionRef[]): Promise<Key[]> {
    return (await this.#lookUp(refs)).found
  }

  async #lookUp(
    refs: readonly PermissionRef[],
  ): Promise<{ found: Key[]; missing: PermissionRef | undefined }> {
    const byApi = Map.groupBy(refs, ({ api }) => api)
    for (const id of (await findApiIds(this.db, [...byApi.keys()])).values())
      if (!this.apis.has(id)) await this.api(id)
    const planned = new Map([...this.apis.values()].map(({ before, after }) => [before.identifier, after]))
    const found: Key[] = []
    let missing: PermissionRef | undefined
    for (const [identifier, some] of byApi) {
      const api = planned.get(identifier)
      const declared = new Set(api?.permissions.map(({ value }) => value))
      for (const ref of some)
        if (api && declared.has(ref.permission)) found.push(keyOf(api.id, ref.permission))
        else missing ??= ref
    }
    return { found, missing }
  }

  async grantsOf(clientId: string): Promise<ClientGrant[]> {
    await this.#loadGrants({ clientId })
    return [...this.grants.values()].flatMap(({ after }) => (after?.clientId === clientId ? [after] : []))
  }

  /** @throws ApiError 404 */
  async application(clientId: string): Promise<Application> {
    const { after } = this.applications.get(clientId) ?? {
      after: await requireApplication(this.db, clientId),
    }
    if (!after) throw noSuchClient()
    return after
  }

  addApplication(application: Application): void {
    this.applications.set(application.clientId, { before: application, after: application })
  }

  /** With its grants and their APIs. @throws ApiError 404, 403 for a system application */
  async editableApplication(clientId: string): Promise<Application> {
    const application = await this.application(clientId)
    if (application.isSystem)
      throw forbidden(`The application ${application.name} is kept by the system and cannot be changed`)
    for (const { apiId } of await this.grantsOf(clientId)) await this.api(apiId)
    return application
  }

  /** @param after undefined: deleted, with its grants */
  async replaceApplication(before: Application, after: Application | undefined): Promise<void> {
    const { clientId } = before
    this.applications.set(clientId, { before: this.applications.get(clientId)?.before ?? before, after })
    if (after) return
    for (const { id } of await this.grantsOf(clientId)) {
      const { before: stored } = this.grants.get(id) ?? {}
      this.grants.set(id, stored ? { before: stored } : {})
    }
  }

  /** Reads the applications whose grants the changes touch. */
  async loadApplications(): Promise<void> {
    const named = [...this.grants.values()].flatMap(({ before, after }) => {
      const grant = before ?? after
      return grant && before !== after && !this.applications.has(grant.clientId) ? [grant.clientId] : []
    })
    for (const application of await applicationsWithIds(this.db, [...new Set(named)]))
      this.applications.set(application.clientId, { before: application, after: application })
  }

  async #loadGrants(filter: { apiId?: string; clientId?: string }): Promise<void> {
    for (const grant of await listGrants(this.db, filter).slice(manyGrants))
      if (!this.grants.has(grant.id)) this.grants.set(grant.id, { before: grant, after: grant })
  }

  /** The users after an id whose permissions may change, in the order of their ids, part by part. */
  affectedUsers(after: string): AsyncGenerator<string[]> {
    const changed = [...this.roles].filter(([, role]) => !isSame(role.before, role.after)).map(([id]) => id)
    const named = [...this.users.keys()].toSorted(byBytes)
    return mergeUsers(
      [
        async (last, limit) => named.filter((id) => byBytes(id, last) > 0).slice(0, limit),
        ...changed.map((id) => membersOf(this.db, id)),
        ...[...this.kept.keys()].map((id) => receiversOf(this.db, id)),
        ...[...this.erased].map((key) =>
          directHoldersOf(this.db, { apiId: apiIdOf(key), permission: permissionOf(key) }),
        ),
      ],
      after,
    )
  }
}

function isSame(one: ReadonlySet<Key>, other: ReadonlySet<Key>): boolean {
  return one.size === other.size && [...one].every((key) => other.has(key))
}
