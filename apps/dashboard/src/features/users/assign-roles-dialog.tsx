import { Checkbox } from '@mantine/core'
import { useState } from 'react'
import { type Role, useRoles } from '../../shared/management/roles.ts'
import { type User, useChangeUserRoles } from '../../shared/management/users.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import '../../shared/ui/permission-picker.css'
import { includesText } from '../../shared/match.ts'
import { common } from '../../shared/text.ts'
import { userRoles as text } from './text.ts'

const searchFrom = 8

export function AssignRolesDialog({
  user,
  held,
  onClose,
}: {
  user: User
  held: Role[]
  onClose: () => void
}) {
  const query = useRoles()
  const change = useChangeUserRoles()
  const act = useAction()
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const open = query.data?.filter(({ id }) => !held.some((role) => role.id === id))
  const assign = async () => {
    const assigned = await act({
      run: () => change.mutateAsync({ id: user.user_id, add: [...picked] }),
      done: text.added(picked.size),
      undo: () => change.mutateAsync({ id: user.user_id, remove: [...picked] }),
    })
    if (assigned) onClose()
  }
  return (
    <Dialog
      opened
      title={text.assignTitle(user.email)}
      onClose={onClose}
      action={{
        label: text.assignN(picked.size),
        busy: change.isPending,
        disabled: picked.size === 0,
        run: () => void assign(),
      }}
    >
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {!query.data && !query.error && <LinesSkeleton />}
      {open && <RolePicker roles={open} picked={picked} onPick={setPicked} />}
    </Dialog>
  )
}

interface PickerProps {
  roles: Role[]
  picked: ReadonlySet<string>
  onPick: (picked: ReadonlySet<string>) => void
}

function RolePicker({ roles, picked, onPick }: PickerProps) {
  const [filter, setFilter] = useState('')
  if (roles.length === 0) return <p className="dim">{text.noRoles}</p>
  const shown = roles.filter(({ id, name, description }) =>
    includesText(`${name} ${description} ${id}`, filter),
  )
  return (
    <>
      {roles.length > searchFrom && <SearchField label={text.search} value={filter} onChange={setFilter} />}
      {shown.length === 0 && <p className="dim">{common.noMatch(filter)}</p>}
      <ul className="picker-list">
        {shown.map(({ id, name, description }) => (
          <li key={id}>
            <Checkbox
              label={name}
              description={description}
              checked={picked.has(id)}
              onChange={({ currentTarget: { checked } }) =>
                onPick(checked ? picked.union(new Set([id])) : picked.difference(new Set([id])))
              }
            />
          </li>
        ))}
      </ul>
    </>
  )
}
