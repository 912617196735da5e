import { createContext, lazy, type ReactNode, Suspense, use, useCallback, useMemo, useState } from 'react'
import type { PlannedChange } from '../management/removals.ts'

export interface Question {
  title: string
  body?: ReactNode
  /** The requests that follow a yes. Their effect on permissions is shown. */
  changes?: readonly PlannedChange[]
  action: string
}

type Ask = (question: Question) => Promise<boolean>

const ConfirmContext = createContext<{ ask: Ask; isAsking: boolean } | undefined>(undefined)
// Not part of the first load: nothing is destroyed before something is shown.
const ConfirmDialog = lazy(() => import('./confirm-dialog.tsx'))

/** Asks before something is destroyed; resolves to whether the person agreed. */
export function useConfirm(): Ask {
  return useContextOfConfirm().ask
}

/** Whether a question is open, which is above every other dialog. */
export function useIsAsking(): boolean {
  return useContextOfConfirm().isAsking
}

function useContextOfConfirm() {
  const context = use(ConfirmContext)
  if (!context) throw new Error('useConfirm needs a ConfirmProvider above it')
  return context
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
  const context = useMemo(() => ({ ask, isAsking: open }), [ask, open])
  return (
    <ConfirmContext value={context}>
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
