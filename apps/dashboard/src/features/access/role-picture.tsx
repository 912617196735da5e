import { NativeSelect } from '@mantine/core'
import type { RolePermission } from '@rolecall/contract'
import { Link, useSearchParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { type Role, useRolePermissions, useRoles, useRoleUsers } from '../../shared/management/roles.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { peopleOf } from './people.ts'
import { Picture } from './picture.tsx'
import type { Held } from './picture-graph.ts'
import { access } from './text.ts'

export function RolePicture() {
  const [search, setSearch] = useSearchParams()
  const query = useRoles()
  return (
    <Loaded query={query}>
      {(roles) => {
        const chosen = roles.find(({ id }) => id === search.get('role')) ?? roles[0]
        if (!chosen)
          return (
            <EmptyState
              icon="role"
              title={access.noRoles}
              action={<Link to="/roles">{access.toRoles}</Link>}
            />
          )
        return (
          <>
            <div className="toolbar">
              <NativeSelect
                aria-label={access.chooseRole}
                value={chosen.id}
                data={roles.map(({ id, name }) => ({ value: id, label: name }))}
                onChange={({ currentTarget: { value } }) => setSearch({ of: 'role', role: value })}
              />
            </div>
            <PictureOf key={chosen.id} role={chosen} />
          </>
        )
      }}
    </Loaded>
  )
}

function PictureOf({ role }: { role: Role }) {
  const can = useCan()
  const mayUsers = can('read:users') || can('read:role_members')
  const permissions = useRolePermissions(role.id)
  const members = useRoleUsers(mayUsers ? role.id : undefined)
  const failure = permissions.error ?? members.error
  if (failure)
    return (
      <Failure error={failure} onRetry={() => void Promise.all([permissions.refetch(), members.refetch()])} />
    )
  if (!permissions.data || members.isLoading) return <LinesSkeleton />
  const people = peopleOf([{ role, members: members.data }])
  return (
    <Picture
      summary={access.roleSummary(role.name, permissions.data.length, members.data?.total ?? 0)}
      access={{
        people,
        roles: [role],
        permissions: permissions.data.map((permission) => heldBy(role, permission)),
      }}
      sentences={[
        `${role.name}: ${people.map(({ label }) => label).join(', ') || '–'}`,
        ...permissions.data.map(
          ({ permission_name, resource_server_name }) => `${permission_name} (${resource_server_name})`,
        ),
      ]}
    />
  )
}

const heldBy = ({ id }: Role, permission: RolePermission): Held => ({
  api: permission.resource_server_identifier,
  apiName: permission.resource_server_name,
  permission: permission.permission_name,
  description: permission.description,
  roles: [id],
  direct: [],
})
