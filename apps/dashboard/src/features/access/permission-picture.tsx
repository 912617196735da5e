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
import { type Edge, type Node, Picture } from './picture.tsx'
import { access } from './text.ts'

const usersShown = 5

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
  const impact = useImpact({ api: api.id, permission })
  const holders = roles.data?.filter(({ id }) =>
    held.data?.some(({ role_id, permission_name }) => role_id === id && permission_name === permission),
  )
  const members = useMembers(holders ?? [])
  const failure = roles.error ?? held.error
  if (failure)
    return <Failure error={failure} onRetry={() => void Promise.all([roles.refetch(), held.refetch()])} />
  if (!holders || !held.data || members.some(({ isLoading }) => isLoading)) return <LinesSkeleton />

  const users = new Map<string, Node>()
  const edges: Edge[] = holders.map(({ id }) => ({ from: id, to: permission }))
  const text: string[] = []
  holders.forEach((role, index) => {
    const page = members[index]?.data
    const shown = page?.items ?? []
    for (const { user_id, email } of shown) {
      users.set(user_id, {
        id: user_id,
        label: email,
        kind: 'user',
        to: `/users/${encodeURIComponent(user_id)}`,
      })
      edges.push({ from: user_id, to: role.id })
    }
    const more = (page?.total ?? 0) - shown.length
    const rest = `${role.id} more`
    if (more > 0) {
      users.set(rest, { id: rest, label: access.more(more), kind: 'note', to: `/roles/${role.id}/users` })
      edges.push({ from: rest, to: role.id })
    }
    const names = [...shown.map(({ email }) => email), ...(more > 0 ? [access.more(more)] : [])]
    text.push(`${role.name}: ${names.join(', ') || '–'}`)
  })
  const direct = impact.data?.direct ?? 0
  if (direct > 0) {
    users.set('direct', { id: 'direct', label: access.directly(direct), kind: 'note' })
    edges.push({ from: 'direct', to: permission, direct: true })
    text.push(access.directly(direct))
  }
  edges.push({ from: permission, to: api.id })
  const scope = api.scopes?.find(({ value }) => value === permission)
  const { columns } = access
  return (
    <Picture
      summary={access.permissionSummary(permission, holders.length)}
      edges={edges}
      columns={[
        { title: columns.users, nodes: [...users.values()] },
        {
          title: columns.roles,
          nodes: holders.map(({ id, name }) => ({ id, label: name, kind: 'role', to: `/roles/${id}` })),
        },
        {
          title: columns.permissions,
          nodes: [{ id: permission, label: permission, note: scope?.description, kind: 'permission' }],
        },
        {
          title: columns.apis,
          nodes: [{ id: api.id, label: api.name, note: api.identifier, kind: 'api', to: `/apis/${api.id}` }],
        },
      ]}
      text={text.length === 0 ? [access.nobody] : text}
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
