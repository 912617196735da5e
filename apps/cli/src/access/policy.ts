import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { type Desired, grantKey } from '../tenant/desired.ts'

const names = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((given) => [given].flat())

const rule = z
  .strictObject({
    user: z.string().min(1).optional(),
    role: z.string().min(1).optional(),
    client: z.string().min(1).optional(),
    api: z.string().min(1),
    may: names.optional(),
    may_not: names.optional(),
  })
  .refine(
    ({ user, role, client }) => [user, role, client].filter((one) => one !== undefined).length === 1,
    'needs one of user, role and client',
  )
  .refine(({ may, may_not }) => may !== undefined || may_not !== undefined, 'needs may or may_not')

const policy = z.strictObject({ tests: z.array(rule).min(1) })
export type Policy = z.output<typeof policy>
type Rule = Policy['tests'][number]

/** @throws UsageError that names what is wrong in the file */
export function parsePolicy(content: unknown, file: string): Policy {
  const { data, error } = policy.safeParse(content)
  if (data) return data
  const [issue] = error.issues
  throw new UsageError(`${file}: ${issue?.path.join('.') || 'tests'}: ${issue?.message}.`)
}

/** What a user of the tenant holds. Permissions that a role gives are left to the roles. */
export interface UserAccess {
  blocked: boolean
  roles: readonly string[]
  /** Granted without a role. */
  direct: readonly { api: string; permission: string }[]
}

export interface Expectation {
  principal: string
  api: string
  permission: string
  expected: boolean
  actual: boolean
}

/**
 * Compares a policy with a configuration. A role has its permissions, a user those of their roles and their direct ones, and
 * an application those of its grant for itself.
 * @throws UsageError for a role, an application, an API or a permission that the configuration does not have
 */
export function evaluate(
  { tests }: Policy,
  desired: Desired,
  users: ReadonlyMap<string, UserAccess>,
): Expectation[] {
  return tests.flatMap((one) => {
    const { api, may = [], may_not: mayNot = [] } = one
    const held = heldBy(one, desired, users)
    const declared = permissionsOf(desired, api)
    for (const permission of may)
      if (!declared.has(permission)) throw new UsageError(`The API ${api} has no permission ${permission}.`)
    const principal = nameOf(one)
    const expectation = (permission: string, expected: boolean) => ({
      principal,
      api,
      permission,
      expected,
      actual: held.has(permission),
    })
    return [
      ...may.map((permission) => expectation(permission, true)),
      // A permission that does not exist has no holder.
      ...mayNot.map((permission) => expectation(permission, false)),
    ]
  })
}

/** Permissions that no test names, by API. */
export function untested({ tests }: Policy, desired: Desired): { api: string; permission: string }[] {
  const named = new Set(
    tests.flatMap(({ api, may = [], may_not: mayNot = [] }) =>
      [...may, ...mayNot].map((permission) => JSON.stringify([api, permission])),
    ),
  )
  return (desired.resourceServers ?? []).flatMap(({ identifier: api, scopes }) =>
    (scopes ?? [])
      .map(({ value: permission }) => ({ api, permission }))
      .filter(({ permission }) => !named.has(JSON.stringify([api, permission]))),
  )
}

const nameOf = ({ user, role, client }: Rule) =>
  user === undefined ? (role === undefined ? `client ${client}` : `role ${role}`) : `user ${user}`

function permissionsOf(desired: Desired, api: string): Set<string> {
  const found = desired.resourceServers?.find(({ identifier }) => identifier === api)
  if (!found) throw new UsageError(`There is no API ${api}.`)
  return new Set((found.scopes ?? []).map(({ value }) => value))
}

function heldBy(one: Rule, desired: Desired, users: ReadonlyMap<string, UserAccess>): Set<string> {
  const declared = permissionsOf(desired, one.api)
  if (one.role !== undefined) return new Set(ofRole(desired, one.role, one.api))
  if (one.client !== undefined) return ofClient(desired, one.client, one.api, declared)
  const user = users.get(one.user ?? '')
  if (!user || user.blocked) return new Set()
  const byRoles = user.roles
    .filter((name) => findRole(desired, name))
    .flatMap((name) => ofRole(desired, name, one.api))
  const direct = user.direct
    .filter(({ api, permission }) => api === one.api && declared.has(permission))
    .map(({ permission }) => permission)
  return new Set([...byRoles, ...direct])
}

/** Names of roles are unique without regard to case. */
const findRole = (desired: Desired, name: string) =>
  desired.roles?.find((role) => role.name.toLowerCase() === name.toLowerCase())

function ofRole(desired: Desired, name: string, api: string): string[] {
  const role = findRole(desired, name)
  if (!role) throw new UsageError(`There is no role ${name}.`)
  return (role.permissions ?? [])
    .filter(({ resource_server_identifier: identifier }) => identifier === api)
    .map(({ permission_name: permission }) => permission)
}

function ofClient(desired: Desired, name: string, api: string, declared: Set<string>): Set<string> {
  if (!desired.clients?.some((client) => client.name === name))
    throw new UsageError(`There is no application ${name}.`)
  const key = grantKey({ client_id: name, audience: api })
  const grant = desired.clientGrants?.find((one) => grantKey(one) === key)
  return grant?.['allow_all_scopes'] === true ? declared : new Set(grant?.scope)
}
