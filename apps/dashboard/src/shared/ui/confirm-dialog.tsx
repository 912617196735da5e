import { Button, Modal } from '@mantine/core'
import { common } from '../text.ts'
import type { Question } from './confirm.tsx'
import { Effect } from './effect.tsx'
import { useReturnFocus } from './use-return-focus.ts'

interface Props {
  question: Question
  open: boolean
  onAnswer: (agreed: boolean) => void
}

/** A dialog of a form has 200. */
const aboveDialogs = 250

/** The focus starts at Cancel, and Escape is Cancel: nothing is destroyed by a key too many. */
export default function ConfirmDialog({ question, open, onAnswer }: Props) {
  const { title, body, changes, action } = question
  useReturnFocus(open)
  return (
    <Modal
      opened={open}
      onClose={() => onAnswer(false)}
      title={title}
      size={changes ? 'lg' : 'md'}
      zIndex={aboveDialogs}
      returnFocus={false}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <div className="stack">
        {body && <div>{body}</div>}
        {changes && <Effect changes={changes} />}
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
