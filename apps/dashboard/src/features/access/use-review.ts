import { directHolder, roleUser } from '@rolecall/contract'
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../shared/api/api-context.ts'
import { segment } from '../../shared/api/management-api.ts'
import { useCan } from '../../shared/auth/session.ts'
import type { ResourceServer } from '../../shared/management/apis.ts'
import { useApplications, useGrants } from '../../shared/management/applications.ts'
import { readUpTo } from '../../shared/management/lists.ts'
import { type Role, useRoles, useRolesOfApi } from '../../shared/management/roles.ts'
import { type ReviewRow, reviewOf } from './review.ts'
import { access as text } from './text.ts'

/** Of each role, and of the users without one. A review of more names is the business of a script. */
const maxHolders = 5_000

interface Review {
  rows: ReviewRow[] | undefined
  error: Error | null
  retry: () => void
}

/** Everybody who holds a permission of an API, and through what. */
export function useReview(api: ResourceServer): Review {
  const can = useCan()
  const roles = useRoles()
  const held = useRolesOfApi(api.id)
  const mayGrants = can('read:client_grants', 'read:clients')
  const grants = useGrants({ audience: api.identifier }, mayGrants)
  const applications = useApplications(mayGrants)
  const holding = new Set(held.data?.map(({ role_id }) => role_id))
  const people = usePeople(api.id, held.data && roles.data?.filter(({ id }) => holding.has(id)))
  const queries = [roles, held, people, ...(mayGrants ? [grants, applications] : [])]
  const error = queries.find((query) => query.error)?.error ?? null
  const retry = () => queries.forEach((query) => void query.refetch())
  if (!people.data || queries.some((query) => query.isLoading)) return { rows: undefined, error, retry }
  const nameOf = (id: string) => applications.data?.find(({ client_id }) => client_id === id)?.name ?? id
  const rows = reviewOf({
    api: { name: api.name, scopes: api.scopes ?? [] },
    held: held.data ?? [],
    ...people.data,
    applications: (grants.data ?? [])
      .filter(({ subject_type }) => subject_type === 'client')
      .map(({ client_id, scope }) => ({ name: nameOf(client_id), scope })),
  })
  return { rows, error, retry }
}

/** The members of the roles, and who holds a permission without one. */
function usePeople(apiId: string, roles: Role[] | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: ['roles', 'users', 'review', apiId, roles?.map(({ id }) => id)],
    enabled: roles !== undefined,
    queryFn: async () => {
      const members = await Promise.all(
        (roles ?? []).map(async ({ id, name }) => {
          const list = await readUpTo(maxHolders, api, `roles/${segment(id)}/users`, 'users', roleUser)
          return {
            id,
            name,
            members: withRest(
              list.items.map(({ email }) => email),
              list.isWhole,
            ),
          }
        }),
      )
      const direct = await readUpTo(maxHolders, api, 'rolecall/direct-holders', 'holders', directHolder, {
        api: apiId,
      })
      return { roles: members, direct: direct.items }
    },
  })
}

const withRest = (names: string[], isWhole: boolean) => (isWhole ? names : [...names, text.moreHolders])
