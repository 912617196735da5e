import { SegmentedControl } from '@mantine/core'
import type { ComponentType } from 'react'
import { useSearchParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { PermissionPicture } from './permission-picture.tsx'
import { RolePicture } from './role-picture.tsx'
import { access } from './text.ts'
import { UserPicture } from './user-picture.tsx'

const subjects = ['user', 'role', 'permission'] as const
type Subject = (typeof subjects)[number]

const pictures: Record<Subject, ComponentType> = {
  user: UserPicture,
  role: RolePicture,
  permission: PermissionPicture,
}

/** Who holds what through what: of a user, a role, or a permission. The address says of which. */
export function PictureView() {
  const can = useCan()
  const [search, setSearch] = useSearchParams()
  const offered = subjects.filter((subject) => subject !== 'user' || can('read:users'))
  const asked = offered.find((subject) => subject === search.get('of') || search.has(subject))
  const of = asked ?? offered[0] ?? 'role'
  const Chosen = pictures[of]
  return (
    <>
      <div style={{ marginBottom: 12 }}>
        <SegmentedControl
          aria-label={access.of}
          value={of}
          onChange={(chosen) => setSearch({ of: chosen })}
          data={offered.map((value) => ({ value, label: access.ofSubject[value] }))}
        />
      </div>
      <Chosen />
    </>
  )
}
