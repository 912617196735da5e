import { Button, CloseButton } from '@mantine/core'
import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from 'react'
import { common } from '../text.ts'
import { Icon } from './icon.tsx'
import './toast.css'

interface Toast {
  id: number
  message: string
  kind: 'done' | 'failed'
  undo?: (() => void) | undefined
}

interface Toasts {
  done: (message: string, undo?: () => void) => void
  failed: (message: string) => void
}

const ToastContext = createContext<Toasts | undefined>(undefined)

/** Short messages about what was done or failed. Errors of a form are shown at its fields. */
export function useToast(): Toasts {
  const toasts = use(ToastContext)
  if (!toasts) throw new Error('useToast needs a ToastProvider above it')
  return toasts
}

const shownMilliseconds = { plain: 5_000, undoable: 12_000 }

export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Toast[]>([])
  const lastId = useRef(0)
  const dismiss = useCallback((id: number) => setShown((all) => all.filter((toast) => toast.id !== id)), [])
  const toasts = useMemo<Toasts>(() => {
    const show = (toast: Omit<Toast, 'id'>) => {
      const id = ++lastId.current
      setShown((all) => [...all.slice(-2), { ...toast, id }])
      // A failure stays until it is closed.
      if (toast.kind === 'done')
        setTimeout(dismiss, toast.undo ? shownMilliseconds.undoable : shownMilliseconds.plain, id)
    }
    return {
      done: (message, undo) => show({ message, undo, kind: 'done' }),
      failed: (message) => show({ message, kind: 'failed' }),
    }
  }, [dismiss])
  return (
    <ToastContext value={toasts}>
      {children}
      <output className="toasts">
        {shown.map(({ id, message, kind, undo }) => (
          <span className="toast" data-kind={kind} key={id}>
            <Icon name={kind === 'done' ? 'check' : 'warning'} />
            <span className="toast-message">{message}</span>
            {undo && (
              <Button
                size="compact-sm"
                onClick={() => {
                  dismiss(id)
                  undo()
                }}
              >
                {common.undo}
              </Button>
            )}
            <CloseButton size="sm" aria-label={common.close} onClick={() => dismiss(id)} />
          </span>
        ))}
      </output>
    </ToastContext>
  )
}
