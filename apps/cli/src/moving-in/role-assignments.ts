import { z } from 'zod'
import { type Management, ManagementError } from '../management/management.ts'

const roleItem = z.looseObject({ id: z.string(), name: z.string() })
/** Without sources, as Auth0 has it, the role is assigned. */
const sources = z.array(z.looseObject({ source_type: z.string() })).optional()
const page = z.looseObject({
  users: z.array(z.looseObject({ user_id: z.string(), rolecall_sources: sources })),
  next: z.string().optional(),
})
const pageSize = 100

export interface Assigned {
  /** Roles that were assigned, for each user once. */
  assignments: number
  /** Ids of users who do not exist here. */
  missing: string[]
  /** Names of roles that do not exist here. */
  unknownRoles: string[]
}

/** Assigns the roles of one tenant to the same users of another one: roles by their names, users by their ids. */
export async function copyAssignments(
  from: Management,
  to: Management,
  note: (text: string) => void,
): Promise<Assigned> {
  const here = new Map(
    (await to.list('/roles', 'roles', roleItem)).map(({ id, name }) => [name.toLowerCase(), id]),
  )
  const result: Assigned = { assignments: 0, missing: [], unknownRoles: [] }
  for (const { id, name } of await from.list('/roles', 'roles', roleItem)) {
    const target = here.get(name.toLowerCase())
    if (target === undefined) result.unknownRoles.push(name)
    else await copyRole(from, to, { from: id, to: target }, result)
    note(`${name}: ${result.assignments} assignments so far.`)
  }
  return { ...result, missing: [...new Set(result.missing)] }
}

async function copyRole(
  from: Management,
  to: Management,
  role: { from: string; to: string },
  result: Assigned,
): Promise<void> {
  let next: string | undefined
  do {
    const found = await from.get(`/roles/${role.from}/users`, page, {
      take: pageSize,
      ...(next !== undefined && { from: next }),
    })
    // What a provider gives is not assigned: its connection gives it there too.
    const ids = found.users
      .filter((user) => user.rolecall_sources?.some((one) => one.source_type === 'DIRECT') ?? true)
      .map(({ user_id: id }) => id)
    if (ids.length > 0) await assign(to, role.to, ids, result)
    next = found.next
  } while (next !== undefined)
}

/** All at once, and one by one where a user does not exist: then nothing of the list was assigned. */
async function assign(to: Management, roleId: string, ids: string[], result: Assigned): Promise<void> {
  try {
    await to.send('POST', `/roles/${roleId}/users`, { body: { users: ids } })
    result.assignments += ids.length
  } catch (error) {
    if (!(error instanceof ManagementError) || error.status !== 404) throw error
    const [only, ...others] = ids
    if (only !== undefined && others.length === 0) result.missing.push(only)
    else for (const id of ids) await assign(to, roleId, [id], result)
  }
}
