import { useState } from 'react'
import { type Role, useRoles } from '../../shared/management/roles.ts'
import { type User, useChangeUserRoles } from '../../shared/management/users.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { RolePicker } from './role-picker.tsx'
import { userRoles as text } from './text.ts'

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
      undoable: true,
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
