import { Button, Modal } from '@mantine/core'
import { createContext, type ReactNode, use, useCallback, useState } from 'react'
import { common } from '../../strings/common.ts'

interface Question {
  title: string
  /** What it will break, with numbers where they are known. */
  body: ReactNode
  action: string
}

type Ask = (question: Question) => Promise<boolean>

const ConfirmContext = createContext<Ask | undefined>(undefined)

/** Asks before something is destroyed; resolves to whether the person agreed. */
export function useConfirm(): Ask {
  const ask = use(ConfirmContext)
  if (!ask) throw new Error('useConfirm needs a ConfirmProvider above it')
  return ask
}

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Question & { answer: (agreed: boolean) => void }>()
  const [open, setOpen] = useState(false)
  const ask = useCallback<Ask>(
    (question) =>
      new Promise((answer) => {
        setAsked({ ...question, answer })
        setOpen(true)
      }),
    [],
  )
  const close = (agreed: boolean) => {
    asked?.answer(agreed)
    setOpen(false)
  }
  return (
    <ConfirmContext value={ask}>
      {children}
      <Modal
        opened={open}
        onClose={() => close(false)}
        title={asked?.title}
        closeButtonProps={{ 'aria-label': common.close }}
      >
        <div className="stack">
          <div>{asked?.body}</div>
          <div className="row-end">
            <Button data-autofocus onClick={() => close(false)}>
              {common.cancel}
            </Button>
            <Button variant="filled" color="red" onClick={() => close(true)}>
              {asked?.action}
            </Button>
          </div>
        </div>
      </Modal>
    </ConfirmContext>
  )
}
