import { createContext, lazy, type ReactNode, Suspense, use, useCallback, useState } from 'react'

export interface Question {
  title: string
  /** What it will break, with numbers where they are known. */
  body: ReactNode
  action: string
}

type Ask = (question: Question) => Promise<boolean>

const ConfirmContext = createContext<Ask | undefined>(undefined)
// Not part of the first load: nothing is destroyed before something is shown.
const ConfirmDialog = lazy(() => import('./confirm-dialog.tsx'))

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
  return (
    <ConfirmContext value={ask}>
      {children}
      {asked && (
        <Suspense>
          <ConfirmDialog
            question={asked}
            open={open}
            onAnswer={(agreed) => {
              asked.answer(agreed)
              setOpen(false)
            }}
          />
        </Suspense>
      )}
    </ConfirmContext>
  )
}
