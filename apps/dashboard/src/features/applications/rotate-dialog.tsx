import { NativeSelect } from '@mantine/core'
import type { ApplicationSecret } from '@rolecall/contract'
import { useState } from 'react'
import { type Client, useRotateSecret } from '../../shared/management/applications.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { timeOf } from '../../shared/ui/time.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { recentUse } from './secret-use.ts'
import { rotation as text } from './text.ts'

interface Props {
  application: Client
  secrets: readonly ApplicationSecret[]
  onClose: () => void
}

/** Makes a new secret. The old one can be kept while the application is given the new one. */
export function RotateDialog({ application: { client_id, name }, secrets, onClose }: Props) {
  const rotate = useRotateSecret()
  const act = useAction()
  const [seconds, setSeconds] = useState(text.day)
  const hasPrevious = secrets.some(({ kind }) => kind === 'previous')
  const [openedAt] = useState(Date.now)
  const current = recentUse(secrets, 'current', openedAt)
  const previous = recentUse(secrets, 'previous', openedAt)
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
      {seconds === 0 && current && <Callout tone="warn">{text.inUse('current', timeOf(current))}</Callout>}
      {hasPrevious && (
        <Callout tone="warn">
          {text.third} {previous && text.inUse('previous', timeOf(previous))}
        </Callout>
      )}
    </Dialog>
  )
}
