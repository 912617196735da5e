import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { type Client, useRotateSecret } from '../../shared/management/applications.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { rotation as text } from './text.ts'

interface Props {
  application: Client
  /** Whether an earlier rotation kept a secret, which this one ends. */
  hasPrevious: boolean
  onClose: () => void
}

/** Makes a new secret. The old one can be kept while the application is given the new one. */
export function RotateDialog({ application: { client_id, name }, hasPrevious, onClose }: Props) {
  const rotate = useRotateSecret()
  const act = useAction()
  const [seconds, setSeconds] = useState(text.day)
  const run = async () => {
    const isDone = await act({
      run: () => rotate.mutateAsync({ id: client_id, keptForSeconds: seconds }),
      done: text.rotated,
    })
    if (isDone) onClose()
  }
  return (
    <Dialog
      opened
      title={text.title(name)}
      onClose={onClose}
      action={{ label: text.rotate, busy: rotate.isPending, run: () => void run() }}
    >
      <NativeSelect
        label={text.kept}
        description={seconds === 0 ? text.endsHint : text.keptHint}
        value={String(seconds)}
        data={text.choices.map(([value, label]) => ({ value: String(value), label }))}
        onChange={({ currentTarget }) => setSeconds(Number(currentTarget.value))}
      />
      {hasPrevious && <Callout tone="warn">{text.third}</Callout>}
    </Dialog>
  )
}
