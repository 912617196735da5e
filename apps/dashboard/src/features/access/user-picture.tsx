import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import type { UserPermission } from '../../shared/management/users.ts'
import {
  type User,
  useUser,
  useUserPage,
  useUserPermissions,
  useUserRoles,
} from '../../shared/management/users.ts'
import { Failure } from '../../shared/ui/failure.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { type Edge, type Node, Picture } from './picture.tsx'
import { access } from './text.ts'

const offered = 50

export function UserPicture() {
  const [search, setSearch] = useSearchParams()
  const [text, setText] = useState('')
  const users = useUserPage(0, text, offered)
  const asked = search.get('user')
  const chosen = asked ?? users.data?.items[0]?.user_id
  const query = useUser(chosen)
  const user = query.data?.value
  const failure = users.error ?? query.error
  if (failure)
    return <Failure error={failure} onRetry={() => void Promise.all([users.refetch(), query.refetch()])} />
  const listed = users.data?.items ?? []
  const options = user && !listed.some(({ user_id }) => user_id === user.user_id) ? [user, ...listed] : listed
  return (
    <>
      <div className="toolbar">
        <SearchField label={access.findUser} value={text} onChange={setText} />
        <NativeSelect
          aria-label={access.chooseUser}
          value={chosen ?? ''}
          data={options.map(({ user_id, email }) => ({ value: user_id, label: email }))}
          onChange={({ currentTarget: { value } }) => setSearch({ user: value })}
        />
      </div>
      {user ? <PictureOf key={user.user_id} user={user} /> : <LinesSkeleton />}
    </>
  )
}

function PictureOf({ user }: { user: User }) {
  const roles = useUserRoles(user.user_id)
  const permissions = useUserPermissions(user.user_id)
  const failure = roles.error ?? permissions.error
  if (failure)
    return (
      <Failure error={failure} onRetry={() => void Promise.all([roles.refetch(), permissions.refetch()])} />
    )
  if (!roles.data || !permissions.data) return <LinesSkeleton />
  const apiNodes = [
    ...new Map(
      permissions.data.map(({ resource_server_identifier, resource_server_name }): [string, Node] => [
        resource_server_identifier,
        {
          id: resource_server_identifier,
          label: resource_server_name,
          note: resource_server_identifier,
          kind: 'api',
        },
      ]),
    ).values(),
  ]
  const edges: Edge[] = [
    ...roles.data.map(({ id }) => ({ from: user.user_id, to: id })),
    ...permissions.data.flatMap((permission) => [
      ...permission.sources.map(({ source_id, source_type }) =>
        source_type === 'DIRECT'
          ? { from: user.user_id, to: keyOf(permission), direct: true }
          : { from: source_id, to: keyOf(permission) },
      ),
      { from: keyOf(permission), to: permission.resource_server_identifier },
    ]),
  ]
  const { columns } = access
  return (
    <Picture
      summary={access.userSummary(user.email, roles.data.length, permissions.data.length)}
      edges={edges}
      columns={[
        {
          title: columns.users,
          nodes: [
            {
              id: user.user_id,
              label: user.email,
              kind: 'user',
              to: `/users/${encodeURIComponent(user.user_id)}`,
            },
          ],
        },
        {
          title: columns.roles,
          nodes: roles.data.map(({ id, name }) => ({ id, label: name, kind: 'role', to: `/roles/${id}` })),
        },
        {
          title: columns.permissions,
          nodes: permissions.data.map((permission) => ({
            id: keyOf(permission),
            label: permission.permission_name,
            note: permission.description,
            kind: 'permission',
          })),
        },
        { title: columns.apis, nodes: apiNodes },
      ]}
      text={permissions.data.length === 0 ? [access.nothing] : permissions.data.map(sentence)}
    />
  )
}

const keyOf = ({ resource_server_identifier, permission_name }: UserPermission) =>
  `${resource_server_identifier} ${permission_name}`

function sentence({ permission_name, resource_server_name, sources }: UserPermission): string {
  const through = sources.map(({ source_type, source_name }) =>
    source_type === 'DIRECT' ? access.direct.toLowerCase() : `${access.through} ${source_name}`,
  )
  return `${permission_name} (${resource_server_name}): ${through.join(', ')}`
}
