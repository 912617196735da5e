import { type Log, log } from '@rolecall/contract'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../../shared/api/api-context.ts'
import { targetsOf } from '../../shared/logs/change.ts'

/** As many entries as a request takes. */
const maxRead = 100

/**
 * The entries of the log that gave a user their roles, by role. One that is older than what was read is missing.
 * @param held ids of the roles; undefined: not asked
 */
export function useRoleAssignments(userId: string, held: readonly string[] | undefined) {
  const api = useApi()
  return useQuery({
    // Other roles: read again.
    queryKey: ['logs', 'assignments', userId, held],
    enabled: held !== undefined,
    staleTime: 0,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const q = `target_id:${JSON.stringify(userId)} type:sapi`
      return assignmentsIn(await api.get('logs', z.array(log), { q, per_page: maxRead }))
    },
  })
}

/** The latest assignment of each role. @param entries about one user, newest first */
export function assignmentsIn(entries: readonly Log[]): ReadonlyMap<string, Log> {
  const found = new Map<string, Log>()
  for (const entry of entries)
    if (assigns(entry))
      for (const { type, id } of targetsOf(entry) ?? [])
        if (type === 'role' && !found.has(id)) found.set(id, entry)
  return found
}

const assigns = ({ description }: Log): boolean =>
  description === 'Assign roles to a user' || description === 'Assign users to a role'
