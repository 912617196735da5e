import { Checkbox } from '@mantine/core'
import { useState } from 'react'
import { useAssignRole } from '../../shared/management/role-members.ts'
import type { Role } from '../../shared/management/roles.ts'
import { useUserPage } from '../../shared/management/users.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import '../../shared/ui/permission-picker.css'
import { roleUsers as text } from './text.ts'

const shownAtOnce = 20

export function AddUsersDialog({ role, onClose }: { role: Role; onClose: () => void }) {
  const [search, setSearch] = useState('')
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const query = useUserPage(0, search, shownAtOnce)
  const assign = useAssignRole(role.id)
  const act = useAction()
  const add = async () => {
    if (await act({ run: () => assign.mutateAsync([...picked]), done: text.added(picked.size) })) onClose()
  }
  return (
    <Dialog
      opened
      title={text.addTitle(role.name)}
      onClose={onClose}
      action={{
        label: text.addN(picked.size),
        busy: assign.isPending,
        disabled: picked.size === 0,
        run: () => void add(),
      }}
    >
      <SearchField label={text.search} value={search} onChange={setSearch} />
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {!query.data && !query.error && <LinesSkeleton />}
      {query.data?.items.length === 0 && <p className="dim">{text.noUsers}</p>}
      {query.data && query.data.items.length > 0 && (
        <ul className="picker-list">
          {query.data.items.map(({ user_id, email, name }) => (
            <li key={user_id}>
              <Checkbox
                label={email}
                description={name === email ? undefined : name}
                checked={picked.has(user_id)}
                onChange={({ currentTarget: { checked } }) =>
                  setPicked(
                    checked ? picked.union(new Set([user_id])) : picked.difference(new Set([user_id])),
                  )
                }
              />
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}
