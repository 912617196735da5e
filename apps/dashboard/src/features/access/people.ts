import type { RoleUser } from '@rolecall/contract'
import type { PageOf } from '../../shared/management/lists.ts'
import type { Role } from '../../shared/management/roles.ts'
import type { Person } from './picture-graph.ts'
import { access } from './text.ts'

/** So many users of a role have a box, and one box stands for the others. */
export const usersShown = 5

interface Members {
  role: Role
  /** The first page of them; undefined where the reader may not see it. */
  members: PageOf<RoleUser> | undefined
}

/** The first users of each role, each once. */
export function peopleOf(all: readonly Members[]): Person[] {
  const people = new Map<string, Person>()
  for (const { role, members } of all) {
    const shown = members?.items.slice(0, usersShown) ?? []
    for (const { user_id, email } of shown) {
      const roles = [...(people.get(user_id)?.roles ?? []), role.id]
      people.set(user_id, {
        id: user_id,
        label: email,
        kind: 'user',
        to: `/users/${encodeURIComponent(user_id)}`,
        roles,
      })
    }
    const more = (members?.total ?? 0) - shown.length
    const id = `${role.id} more`
    if (more > 0)
      people.set(id, {
        id,
        label: access.more(more),
        kind: 'note',
        to: `/roles/${role.id}/users`,
        roles: [role.id],
      })
  }
  return [...people.values()]
}
