import { nameClash } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { listRoleClashes } from '../roles/store.ts'
import type { Db } from '../store/store.ts'
import { listUserClashes } from '../users/lists.ts'

const tags = ['rolecall']
/** Enough to work on: resolved clashes leave the list. */
const maxListed = 100

/** Lists the users and roles whose names clash, for an administrator to rename or delete one of each pair. */
export function clashRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const response = { 200: z.array(nameClash) }

  app.get(
    '/rolecall/user-clashes',
    {
      config: { scope: ['read:users'] },
      schema: {
        tags,
        summary: 'List users whose addresses or user names are spellings of one name',
        response,
      },
    },
    async () =>
      (await listUserClashes(db, maxListed)).map(({ property, connection, user, holder }) => ({
        property,
        connection,
        id: user.userId,
        value: user.name,
        holder: { id: holder.userId, value: holder.name },
      })),
  )

  app.get(
    '/rolecall/role-clashes',
    {
      config: { scope: ['read:roles'] },
      schema: { tags, summary: 'List roles whose names are spellings of one name', response },
    },
    async () =>
      (await listRoleClashes(db, maxListed)).map(({ role, holder }) => ({
        property: 'name' as const,
        id: role.id,
        value: role.name,
        holder: { id: holder.id, value: holder.name },
      })),
  )
}

/** The warning that the server logs at start if there are clashes. */
export async function clashWarning(db: Db): Promise<string | undefined> {
  const users = (await listUserClashes(db, maxListed)).length
  const roles = (await listRoleClashes(db, maxListed)).length
  if (users + roles === 0) return undefined
  const count = (number: number) => (number < maxListed ? String(number) : `${maxListed} or more`)
  return `Names that are spellings of one name: ${count(users)} of users, ${count(roles)} of roles. The dashboard lists them under Users and Roles; rename or delete one of each pair.`
}
