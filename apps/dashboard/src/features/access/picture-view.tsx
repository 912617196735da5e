import { SegmentedControl } from '@mantine/core'
import { useSearchParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { PermissionPicture } from './permission-picture.tsx'
import { access } from './text.ts'
import { UserPicture } from './user-picture.tsx'

/** Who holds what through what: of one user, or of one permission. The address says of which. */
export function PictureView() {
  const can = useCan()
  const [search, setSearch] = useSearchParams()
  const mayUsers = can('read:users')
  const of =
    mayUsers && !search.has('permission') && search.get('of') !== 'permission' ? 'user' : 'permission'
  return (
    <>
      {mayUsers && (
        <div style={{ marginBottom: 12 }}>
          <SegmentedControl
            aria-label={access.of}
            value={of}
            onChange={(chosen) => setSearch(chosen === 'permission' ? { of: 'permission' } : {})}
            data={[
              { value: 'user', label: access.ofUser },
              { value: 'permission', label: access.ofPermission },
            ]}
          />
        </div>
      )}
      {of === 'user' ? <UserPicture /> : <PermissionPicture />}
    </>
  )
}
