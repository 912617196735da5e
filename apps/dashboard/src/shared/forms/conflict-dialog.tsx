import { Button, Modal } from '@mantine/core'
import { common } from '../text.ts'
import { Table } from '../ui/table.tsx'
import type { Difference } from './differences.ts'
import { conflict } from './text.ts'

interface Props {
  /** Absent: there is no conflict. */
  differences: Difference[] | undefined
  onKeepMine: () => void
  onTakeTheirs: () => void
  onClose: () => void
}

/** Two people edited the same thing: the second decides, and sees what was saved in between. */
export function ConflictDialog({ differences, onKeepMine, onTakeTheirs, onClose }: Props) {
  return (
    <Modal
      size="lg"
      opened={differences !== undefined}
      onClose={onClose}
      title={conflict.title}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <div className="stack">
        <p>{conflict.body}</p>
        <Table
          label={conflict.title}
          rows={differences}
          rowKey={({ field }) => field}
          empty={null}
          columns={[
            { key: 'field', header: conflict.field, width: '30%', render: ({ field }) => field },
            { key: 'theirs', header: conflict.theirs, render: ({ theirs }) => theirs || '–' },
            { key: 'yours', header: conflict.yours, render: ({ yours }) => <strong>{yours || '–'}</strong> },
          ]}
        />
        <div className="row-end">
          <Button onClick={onTakeTheirs}>{conflict.takeTheirs}</Button>
          <Button variant="filled" onClick={onKeepMine}>
            {conflict.keepMine}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
