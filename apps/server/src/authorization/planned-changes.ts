import {
  clientCreate,
  clientGrantCreate,
  clientGrantUpdate,
  clientUpdate,
  connectionCreate,
  connectionUpdate,
  type PlannedChange,
  type PreviewedRoute,
  permissionRefs,
  previewedRoutes,
  resourceServerCreate,
  resourceServerUpdate,
  roleCreate,
  roleRefs,
  roleUpdate,
  tenantSettingsUpdate,
  userRefs,
  userUpdate,
} from '@rolecall/contract'
import type { z } from 'zod'
import { newApi, refuseReservedNames } from '../apis/apis.ts'
import { toChanges, toNewApi } from '../apis/wire.ts'
import { changedApplication, newApplication } from '../applications/applications.ts'
import { grantExists, requireGrant } from '../applications/grants.ts'
import type { ClientGrant } from '../applications/store.ts'
import { forbidden, invalidBody, notFound, notSupported } from '../http/api-error.ts'
import { refuseUnlessAssigned } from '../roles/assignments.ts'
import { type RoleSources, sourcesOfRoles } from '../roles/role-sources.ts'
import { refsFromWire } from '../roles/wire.ts'
import type { Plan } from './plan.ts'
import type { UserPlan } from './planned-user.ts'

/** @param id of the object, or what later changes have in its place; @param at where the body is in the request */
type Apply = (plan: Plan, id: string, body: unknown, at: string) => Promise<void>

/** Applies a change to the plan. @throws ApiError as the route of the change does */
export async function applyChange(plan: Plan, change: PlannedChange, index: number): Promise<void> {
  const at = `changes.${index}`
  for (const route of previewedRoutes) {
    const id = matches(route, change)
    if (id === undefined) continue
    if (change.as !== undefined && !creates(route))
      throw invalidBody(`'${route} creates nothing' on property ${at}.as`)
    return apply[route](
      plan,
      creates(route) ? (change.as ?? `planned-${index}`) : id,
      change.body,
      `${at}.body`,
    )
  }
  throw notSupported(
    `${change.method} ${change.path} cannot be previewed. These can: ${previewedRoutes.join(', ')}`,
  )
}

/** Whether the path ends with the name of a list: the request adds an object to it. */
export const creates = (route: PreviewedRoute) => route.startsWith('POST ') && !route.includes('{id}')

/** The id in the path; empty for a route without one, undefined for another route. */
export function matches(route: PreviewedRoute, { method, path }: PlannedChange): string | undefined {
  const [routeMethod, pattern = ''] = route.split(' ')
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (method !== routeMethod || wanted.length !== given.length) return undefined
  let id = ''
  for (const [index, segment] of wanted.entries()) {
    if (segment === '{id}') id = decoded(given[index] ?? '')
    else if (segment !== given[index]) return undefined
  }
  return pattern.includes('{id}') && id === '' ? undefined : id
}

function decoded(segment: string): string {
  try {
    const text = decodeURIComponent(segment)
    return text.includes('\0') ? '' : text
  } catch {
    return ''
  }
}

/** @throws ApiError 400 */
export function parse<Schema extends z.ZodType>(schema: Schema, body: unknown, at: string): z.output<Schema> {
  const { data, error } = schema.safeParse(body)
  const [issue] = error?.issues ?? []
  if (issue) throw invalidBody(`'${issue.message}' on property ${[at, ...issue.path.map(String)].join('.')}`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed: there is no issue.
  return data as z.output<Schema>
}

const apply: Record<PreviewedRoute, Apply> = {
  async 'POST /users/{id}/roles'(plan, id, body, at) {
    await assign(plan, [id], parse(roleRefs, body, at).roles)
  },
  async 'DELETE /users/{id}/roles'(plan, id, body, at) {
    const user = await plan.user(id)
    const { roles } = parse(roleRefs, body, at)
    await plan.requireRoles(roles)
    const sources = (await sourcesOfRoles(plan.db, [id], roles)).get(id)
    for (const role of roles) {
      const stored = sources?.get(role)
      if (stored) refuseUnlessAssigned(plannedSources(plan, user, role, stored), role)
      user.addedRoles.delete(role)
      user.removedRoles.add(role)
    }
  },
  async 'POST /users/{id}/permissions'(plan, id, body, at) {
    const keys = await plan.keys(refsFromWire(parse(permissionRefs, body, at)))
    const user = await plan.user(id)
    for (const key of keys) user.addedDirect.add(key)
  },
  async 'DELETE /users/{id}/permissions'(plan, id, body, at) {
    const user = await plan.user(id)
    for (const key of await plan.existingKeys(refsFromWire(parse(permissionRefs, body, at)))) {
      user.addedDirect.delete(key)
      user.removedDirect.add(key)
    }
  },
  async 'PATCH /users/{id}'(plan, id, body, at) {
    const { blocked } = parse(userUpdate, body, at)
    const user = await plan.user(id)
    user.blocked = blocked ?? user.blocked
  },
  async 'DELETE /users/{id}'(plan, id) {
    ;(await plan.user(id)).isDeleted = true
  },
  async 'POST /roles/{id}/users'(plan, id, body, at) {
    await assign(plan, parse(userRefs, body, at).users, [id])
  },
  async 'POST /roles/{id}/permissions'(plan, id, body, at) {
    const role = await plan.editableRole(id)
    for (const key of await plan.keys(refsFromWire(parse(permissionRefs, body, at)))) role.after.add(key)
  },
  async 'DELETE /roles/{id}/permissions'(plan, id, body, at) {
    const role = await plan.editableRole(id)
    for (const key of await plan.existingKeys(refsFromWire(parse(permissionRefs, body, at))))
      role.after.delete(key)
  },
  async 'POST /roles'(plan, id, body, at) {
    await plan.addRole(id, parse(roleCreate, body, at).name)
  },
  async 'PATCH /roles/{id}'(plan, id, body, at) {
    const { name } = parse(roleUpdate, body, at)
    if (name === undefined) await plan.editableRole(id)
    else await plan.renameRole(id, name)
  },
  async 'DELETE /roles/{id}'(plan, id) {
    const role = await plan.editableRole(id)
    role.after.clear()
    role.isDeleted = true
  },
  async 'POST /resource-servers'(plan, id, body, at) {
    const { signingSecret: _, ...input } = toNewApi(parse(resourceServerCreate, body, at))
    await plan.addApi(newApi(input, id))
  },
  async 'PATCH /resource-servers/{id}'(plan, id, body, at) {
    const { unset = [], signingSecret: _, ...changes } = toChanges(parse(resourceServerUpdate, body, at))
    const before = await plan.editableApi(id)
    const after = { ...before, ...changes, extra: { ...before.extra, ...changes.extra } }
    for (const name of unset) delete after[name]
    refuseReservedNames(after.permissions, before.permissions)
    await plan.replaceApi(before, after)
  },
  async 'DELETE /resource-servers/{id}'(plan, id) {
    await plan.replaceApi(await plan.editableApi(id), undefined)
  },
  async 'POST /client-grants'(plan, id, body, at) {
    const input = parse(clientGrantCreate, body, at)
    const api = await plan.api(input.audience)
    const { clientId } = await plan.application(input.client_id)
    const allowAllScopes = input.allow_all_scopes ?? false
    const scope = allowAllScopes ? [] : await declaredScope(plan, api.identifier, input.scope ?? [], at)
    const subjectType = input.subject_type ?? 'client'
    const existing = await plan.grantsOf(clientId)
    if (existing.some((grant) => grant.apiId === api.id && grant.subjectType === subjectType))
      throw grantExists()
    const shared = { id, clientId, apiId: api.id, subjectType, extra: {}, createdAt: 0, updatedAt: 0 }
    plan.grants.set(id, { after: { ...shared, isSystem: false, scope, allowAllScopes } })
  },
  async 'PATCH /client-grants/{id}'(plan, id, body, at) {
    const input = parse(clientGrantUpdate, body, at)
    const grant = await editableGrant(plan, id)
    const { identifier } = await plan.api(grant.apiId)
    const allowAllScopes = input.allow_all_scopes ?? (input.scope ? false : grant.allowAllScopes)
    const scope = allowAllScopes ? [] : await declaredScope(plan, identifier, input.scope ?? grant.scope, at)
    plan.grants.set(id, { ...plan.grants.get(id), after: { ...grant, allowAllScopes, scope } })
  },
  async 'DELETE /client-grants/{id}'(plan, id) {
    await editableGrant(plan, id)
    const { before } = plan.grants.get(id) ?? {}
    plan.grants.set(id, before ? { before } : {})
  },
  async 'POST /clients'(plan, id, body, at) {
    const { application } = await newApplication(parse(clientCreate, body, at), 0, { clientId: id })
    plan.addApplication(application)
  },
  async 'PATCH /clients/{id}'(plan, id, body, at) {
    const input = parse(clientUpdate, body, at)
    const before = await plan.editableApplication(id)
    await plan.replaceApplication(before, changedApplication(before, input, before.updatedAt))
  },
  async 'DELETE /clients/{id}'(plan, id) {
    await plan.replaceApplication(await plan.editableApplication(id), undefined)
  },
  async 'POST /connections'(plan, id, body, at) {
    const { enabled_clients: clientIds, ...input } = parse(connectionCreate, body, at)
    await plan.connections.add(id, input)
    await plan.mappedRoles(input.options?.role_mapping)
    for (const clientId of clientIds ?? []) await plan.application(clientId)
  },
  async 'PATCH /connections/{id}'(plan, id, body, at) {
    const { enabled_clients: clientIds, ...input } = parse(connectionUpdate, body, at)
    await plan.connections.update(id, input)
    const mapped = await plan.mappedRoles(input.options?.role_mapping)
    if (input.options) plan.keepGiven(id, mapped)
    for (const clientId of clientIds ?? []) await plan.application(clientId)
  },
  async 'DELETE /connections/{id}'(plan, id) {
    await plan.connections.delete(id)
    plan.keepGiven(id, new Set())
  },
  async 'PATCH /tenants/settings'(_plan, _id, body, at) {
    parse(tenantSettingsUpdate, body, at)
  },
}

function plannedSources(
  plan: Plan,
  user: UserPlan,
  roleId: string,
  { direct, connections }: RoleSources,
): RoleSources {
  return {
    direct: user.addedRoles.has(roleId) || (direct && !user.removedRoles.has(roleId)),
    connections: connections.filter(({ id }) => plan.isGiven({ connectionId: id, roleId })),
  }
}

async function assign(plan: Plan, userIds: readonly string[], roleIds: readonly string[]): Promise<void> {
  await plan.requireRoles(roleIds)
  for (const user of await plan.requireUsers(userIds))
    for (const role of roleIds) {
      user.removedRoles.delete(role)
      user.addedRoles.add(role)
    }
}

async function editableGrant(plan: Plan, id: string): Promise<ClientGrant> {
  const known = plan.grants.get(id)
  const grant = known ? known.after : await requireGrant(plan.db, id)
  if (!grant) throw notFound('The client grant does not exist', 'inexistent_client_grant')
  if (grant.isSystem) throw forbidden('The grant is kept by the system and cannot be changed')
  await plan.api(grant.apiId)
  if (!known) plan.grants.set(id, { before: grant, after: grant })
  return grant
}

async function declaredScope(
  plan: Plan,
  api: string,
  scope: readonly string[],
  at: string,
): Promise<string[]> {
  const { permissions } = await plan.api(api)
  const declared = new Set(permissions.map(({ value }) => value))
  const unknown = scope.filter((permission) => !declared.has(permission))
  if (unknown.length > 0)
    throw invalidBody(
      `'The API has no scopes named ${unknown.slice(0, 20).join(', ')}' on property ${at}.scope`,
    )
  return [...new Set(scope)]
}
