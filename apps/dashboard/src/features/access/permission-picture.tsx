import { NativeSelect } from '@mantine/core'
import { roleUser } from '@rolecall/contract'
import { useQueries } from '@tanstack/react-query'
import { Link, useSearchParams } from 'react-router'
import { useApi } from '../../shared/api/api-context.ts'
import { segment } from '../../shared/api/management-api.ts'
import { useCan } from '../../shared/auth/session.ts'
import { type ResourceServer, useApis } from '../../shared/management/apis.ts'
import { useImpact } from '../../shared/management/impact.ts'
import { readPage } from '../../shared/management/lists.ts'
import { type Role, useRoles, useRolesOfApi } from '../../shared/management/roles.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { peopleOf, usersShown } from './people.ts'
import { Picture } from './picture.tsx'
import type { Person } from './picture-graph.ts'
import { access } from './text.ts'

export function PermissionPicture() {
  const [search, setSearch] = useSearchParams()
  const apis = useApis()
  if (apis.error) return <Failure error={apis.error} onRetry={() => void apis.refetch()} />
  if (!apis.data) return <LinesSkeleton />
  const choices = apis.data.flatMap((api) =>
    (api.scopes ?? []).map(({ value }) => ({ api, permission: value })),
  )
  const own = choices.find(({ api }) => !api.is_system)
  const chosen = choices.find((choice) => valueOf(choice) === search.get('permission')) ?? own ?? choices[0]
  if (!chosen)
    return <EmptyState icon="api" title={access.noApi} action={<Link to="/apis">{access.toApis}</Link>} />
  return (
    <>
      <div className="toolbar">
        <NativeSelect
          aria-label={access.choosePermission}
          value={valueOf(chosen)}
          data={apis.data
            .filter(({ scopes = [] }) => scopes.length > 0)
            .map((api) => ({
              group: api.name,
              items: (api.scopes ?? []).map(({ value }) => ({
                value: valueOf({ api, permission: value }),
                label: value,
              })),
            }))}
          onChange={({ currentTarget: { value } }) => setSearch({ of: 'permission', permission: value })}
        />
      </div>
      <PictureOf key={valueOf(chosen)} {...chosen} />
    </>
  )
}

interface Choice {
  api: ResourceServer
  permission: string
}

const valueOf = ({ api, permission }: Choice): string => `${api.id} ${permission}`

function PictureOf({ api, permission }: Choice) {
  const roles = useRoles()
  const held = useRolesOfApi(api.id)
  const holding = new Set(
    held.data?.filter(({ permission_name }) => permission_name === permission).map(({ role_id }) => role_id),
  )
  const holders = roles.data?.filter(({ id }) => holding.has(id)) ?? []
  const members = useMembers(holders)
  const failure = roles.error ?? held.error
  if (failure)
    return <Failure error={failure} onRetry={() => void Promise.all([roles.refetch(), held.refetch()])} />
  if (!roles.data || !held.data || members.some(({ isLoading }) => isLoading)) return <LinesSkeleton />
  return (
    <HoldersPicture
      api={api}
      permission={permission}
      holders={holders.map((role, index) => ({ role, members: members[index]?.data }))}
    />
  )
}

function HoldersPicture({ api, permission, holders }: Choice & { holders: Parameters<typeof peopleOf>[0] }) {
  const { data: impact } = useImpact({ api: api.id, permission })
  const direct: Person[] = impact?.direct
    ? [{ id: 'direct', label: access.directly(impact.direct), kind: 'note', roles: [] }]
    : []
  const people = [...peopleOf(holders), ...direct]
  const roles = holders.map(({ role }) => role)
  const sentences = roles.map(({ id, name }) => {
    const members = people.filter((person) => person.roles.includes(id)).map(({ label }) => label)
    return `${name}: ${members.join(', ') || '–'}`
  })
  return (
    <Picture
      summary={access.permissionSummary(permission, roles.length)}
      access={{
        people,
        roles,
        permissions: [
          {
            api: api.identifier,
            apiName: api.name,
            permission,
            description: api.scopes?.find(({ value }) => value === permission)?.description ?? '',
            to: `/apis/${api.id}/permissions`,
            roles: roles.map(({ id }) => id),
            direct: direct.map(({ id }) => id),
          },
        ],
      }}
      sentences={
        people.length + roles.length === 0
          ? [access.nobody]
          : [...sentences, ...direct.map(({ label }) => label)]
      }
    />
  )
}

/** The first few members of each role, and how many there are. */
function useMembers(roles: Role[]) {
  const api = useApi()
  const can = useCan()
  return useQueries({
    queries: roles.map(({ id }) => ({
      queryKey: ['roles', 'users', id, 'first'],
      queryFn: () =>
        readPage(api, `roles/${segment(id)}/users`, 'users', roleUser, { page: 0, per_page: usersShown }),
      enabled: can('read:users') || can('read:role_members'),
    })),
  })
}
