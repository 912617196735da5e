import { Button } from '@mantine/core'
import { useState } from 'react'
import { BulkDialog } from '../../shared/bulk/bulk-dialog.tsx'
import type { Picked } from '../../shared/bulk/selection.ts'
import { bulkBatch, useBulkUsers } from '../../shared/management/bulk.ts'
import { removals } from '../../shared/management/removals.ts'
import type { Role } from '../../shared/management/roles.ts'
import { roleUsers as text } from './text.ts'

/** Takes the role from several of its users. */
export function TakeFromUsers({ role, picked, clear }: { role: Role; picked: Picked; clear: () => void }) {
  const [open, setOpen] = useState(false)
  const { remove, undo } = useBulkUsers()
  return (
    <>
      <Button size="compact-sm" color="red" variant="outline" onClick={() => setOpen(true)}>
        {text.takeButton}
      </Button>
      {open && (
        <BulkDialog
          picked={picked}
          title={text.takeTitle(role.name, picked.size)}
          changes={[...picked.keys()].map((id) => removals.rolesOfUser(id, [role.id]))}
          action={{
            label: text.takeButton,
            danger: true,
            batch: bulkBatch,
            run: (ids) => remove(ids, [role.id]),
            done: text.taken,
          }}
          undo={{ keyOf: ({ user_id }) => user_id, run: undo, done: text.takenBack }}
          onClose={(changed) => {
            setOpen(false)
            if (changed) clear()
          }}
        />
      )}
    </>
  )
}
