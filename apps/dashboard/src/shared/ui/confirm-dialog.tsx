import { Button, Modal } from '@mantine/core'
import { common } from '../text.ts'
import type { Question } from './confirm.tsx'
import { useReturnFocus } from './use-return-focus.ts'

interface Props {
  question: Question
  open: boolean
  onAnswer: (agreed: boolean) => void
}

/** The focus starts at Cancel, and Escape is Cancel: nothing is destroyed by a key too many. */
export default function ConfirmDialog({ question: { title, body, action }, open, onAnswer }: Props) {
  useReturnFocus(open)
  return (
    <Modal
      opened={open}
      onClose={() => onAnswer(false)}
      title={title}
      returnFocus={false}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <div className="stack">
        <div>{body}</div>
        <div className="row-end">
          <Button data-autofocus onClick={() => onAnswer(false)}>
            {common.cancel}
          </Button>
          <Button variant="filled" color="red" onClick={() => onAnswer(true)}>
            {action}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
