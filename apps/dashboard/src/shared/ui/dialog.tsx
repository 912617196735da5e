import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { common } from '../text.ts'
import { useIsAsking } from './confirm.tsx'
import { useReturnFocus } from './use-return-focus.ts'

interface Props {
  title: string
  opened: boolean
  onClose: () => void
  /** Absent: nothing to send, only to close. */
  action?: { label: string; busy: boolean; disabled?: boolean; run: () => void }
  size?: string
  children: ReactNode
}

/** A question with fields; Enter sends it, Escape leaves it. */
export function Dialog({ title, opened, onClose, action, size = 'md', children }: Props) {
  useReturnFocus(opened)
  const isAsking = useIsAsking()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      returnFocus={false}
      closeOnEscape={!isAsking}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <form
        noValidate
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (!action?.disabled && !action?.busy) action?.run()
        }}
      >
        {children}
        {action && (
          <div className="row-end">
            <Button onClick={onClose}>{common.cancel}</Button>
            <Button type="submit" variant="filled" loading={action.busy} disabled={action.disabled ?? false}>
              {action.label}
            </Button>
          </div>
        )}
      </form>
    </Modal>
  )
}
