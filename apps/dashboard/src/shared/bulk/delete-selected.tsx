import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useDeleteEach } from '../management/bulk.ts'
import type { PlannedChange } from '../management/removals.ts'
import { common } from '../text.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import type { Picked } from './selection.ts'

interface Props {
  text: {
    deleteSome: (n: number) => string
    deleteSomeBody: string
    deletedSome: (n: number) => string
  }
  picked: Picked
  clear: () => void
  /** The request that deletes an object. */
  removalOf: (key: string) => PlannedChange
  /** A warning in the question. */
  children?: ReactNode
}

/** Deletes the selected objects, after their number was typed. */
export function DeleteSelected({ text, picked, clear, removalOf, children }: Props) {
  const [open, setOpen] = useState(false)
  const run = useDeleteEach(removalOf)
  return (
    <>
      <Button size="compact-sm" color="red" variant="outline" onClick={() => setOpen(true)}>
        {common.delete}
      </Button>
      {open && (
        <BulkDialog
          picked={picked}
          title={text.deleteSome(picked.size)}
          changes={[...picked.keys()].map(removalOf)}
          action={{
            label: common.delete,
            danger: true,
            typed: true,
            // The number of the progress is exact, and a failure stops the next.
            batch: 1,
            run,
            done: text.deletedSome,
          }}
          onClose={(changed) => {
            setOpen(false)
            if (changed) clear()
          }}
        >
          <p>{text.deleteSomeBody}</p>
          {children}
        </BulkDialog>
      )}
    </>
  )
}
