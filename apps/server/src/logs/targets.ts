import type { ChangeTarget } from '@rolecall/contract'
import type { Db } from '../store/store.ts'

/** A permission: the identifier of its API and its name. */
interface PermissionName {
  api: string
  permission: string
}

/** The objects that a change names, by their ids. An API may also be named by its identifier. */
export type ChangedObjects = Partial<
  Record<Exclude<ChangeTarget['type'], 'permission'>, string | readonly string[]>
> & { permission?: readonly PermissionName[] }

/** What objects are called in the transaction of the change. One that was deleted in it keeps the given name. */
export async function namesOf(
  db: Db,
  { permission = [], ...objects }: ChangedObjects,
  deleted: string | undefined,
): Promise<ChangeTarget[]> {
  const targets: ChangeTarget[] = permission.map((one) => ({
    type: 'permission',
    id: one.permission,
    name: one.permission,
  }))
  const apis = permission.map(({ api }) => api)
  const ids = { ...objects, ...(apis.length > 0 && { api: apis }) }
  for (const type of types) {
    const asked = [...new Set([ids[type] ?? []].flat())]
    if (asked.length === 0) continue
    const found = await read[type](db, asked)
    const known = found.map(({ id, name }) => ({ type, id, name }))
    if (found.length > 0 || deleted === undefined) targets.push(...known)
    else targets.push(...asked.map((id) => ({ type, id, name: deleted })))
  }
  return targets
}

const types = ['user', 'role', 'api', 'client', 'connection'] as const

interface Named {
  id: string
  name: string
}

const read: Record<(typeof types)[number], (db: Db, ids: string[]) => Promise<Named[]>> = {
  user: (db, ids) =>
    db.selectFrom('users').select(['user_id as id', 'email as name']).where('user_id', 'in', ids).execute(),
  role: (db, ids) => db.selectFrom('roles').select(['id', 'name']).where('id', 'in', ids).execute(),
  api: (db, ids) =>
    db
      .selectFrom('apis')
      .select(['id', 'name'])
      .where((eb) => eb.or([eb('id', 'in', ids), eb('identifier', 'in', ids)]))
      .execute(),
  client: (db, ids) =>
    db.selectFrom('applications').select(['client_id as id', 'name']).where('client_id', 'in', ids).execute(),
  connection: (db, ids) =>
    db.selectFrom('connections').select(['id', 'name']).where('id', 'in', ids).execute(),
}
