import { useSearchParams } from 'react-router'
import {
  type User,
  type UserPermission,
  useUser,
  useUserPage,
  useUserPermissions,
  useUserRoles,
} from '../../shared/management/users.ts'
import { UserField } from '../../shared/pages/user-field.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { Picture } from './picture.tsx'
import type { Held, Person } from './picture-graph.ts'
import { access } from './text.ts'

/** Of the chosen user, or else of the first one. */
export function UserPicture() {
  const [search, setSearch] = useSearchParams()
  const first = useUserPage(0, '')
  const chosen = search.get('user') ?? first.data?.items[0]?.user_id
  const query = useUser(chosen)
  return (
    <>
      <div className="toolbar">
        <UserField chosen={chosen} onChoose={(user) => setSearch({ user })} />
      </div>
      <Loaded query={query}>{({ value: user }) => <PictureOf key={user.user_id} user={user} />}</Loaded>
    </>
  )
}

function PictureOf({ user: { user_id, email } }: { user: User }) {
  const roles = useUserRoles(user_id)
  const permissions = useUserPermissions(user_id)
  const failure = roles.error ?? permissions.error
  if (failure)
    return (
      <Failure error={failure} onRetry={() => void Promise.all([roles.refetch(), permissions.refetch()])} />
    )
  if (!roles.data || !permissions.data) return <LinesSkeleton />
  const person: Person = {
    id: user_id,
    label: email,
    kind: 'user',
    to: `/users/${encodeURIComponent(user_id)}`,
    roles: roles.data.map(({ id }) => id),
  }
  const held = permissions.data.map((permission) => heldBy(user_id, permission))
  return (
    <Picture
      summary={access.userSummary(email, roles.data.length, held.length)}
      access={{ people: [person], roles: roles.data, permissions: held }}
      sentences={held.length === 0 ? [access.nothing] : permissions.data.map(sentenceOf)}
    />
  )
}

function heldBy(userId: string, { sources, ...permission }: UserPermission): Held {
  const roles = sources.filter(({ source_type }) => source_type === 'ROLE').map(({ source_id }) => source_id)
  return {
    api: permission.resource_server_identifier,
    apiName: permission.resource_server_name,
    permission: permission.permission_name,
    description: permission.description,
    roles: roles.filter((id) => id !== undefined),
    direct: sources.some(({ source_type }) => source_type === 'DIRECT') ? [userId] : [],
  }
}

function sentenceOf({ permission_name, resource_server_name, sources }: UserPermission): string {
  const through = sources.map(({ source_type, source_name }) =>
    source_type === 'DIRECT' ? access.direct.toLowerCase() : `${access.through} ${source_name}`,
  )
  return `${permission_name} (${resource_server_name}): ${through.join(', ')}`
}
