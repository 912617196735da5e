import { lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from 'react'

const load = () => import('./palette.tsx')
const Palette = lazy(load)

/** The keys between the shortcut and the focus of the field, whose code may have to be loaded first. */
export interface Typed {
  text: string
  isEntered: boolean
}

const nothing: Typed = { text: '', isEntered: false }

/** Ctrl+K (⌘K) opens the palette anywhere, a slash where nothing is typed into. Its code is loaded when first opened. */
export function usePalette(): { open: () => void; palette: ReactNode } {
  const [opened, setOpened] = useState(false)
  const [isLoaded, setLoaded] = useState(false)
  /** Undefined: keys are not collected. */
  const typed = useRef<Typed>(undefined)
  const takeTyped = useCallback(() => {
    const taken = typed.current ?? nothing
    typed.current = undefined
    return taken
  }, [])
  const open = useCallback(() => {
    typed.current = nothing
    load().catch(takeTyped)
    setLoaded(true)
    setOpened(true)
  }, [takeTyped])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const next = typed.current && withKey(typed.current, event)
      if (next) typed.current = next
      else if (isShortcut(event)) open()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [open])
  return {
    open,
    palette: isLoaded && (
      <Suspense fallback={null}>
        <Palette opened={opened} takeTyped={takeTyped} onClose={() => setOpened(false)} />
      </Suspense>
    ),
  }
}

/** @returns undefined for a key that is not part of a text */
function withKey({ text, isEntered }: Typed, { key, ctrlKey, metaKey, altKey }: KeyboardEvent) {
  if (ctrlKey || metaKey || altKey || isEntered) return undefined
  if (key === 'Enter') return { text, isEntered: true }
  return key.length === 1 ? { text: text + key, isEntered } : undefined
}

/** Not above an open dialog, whose draft would be left behind. */
function isShortcut({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  if (document.querySelector('[role=dialog]')) return false
  if (ctrlKey || metaKey) return key.toLowerCase() === 'k' && !altKey
  return key === '/' && !altKey && !isTextField(target)
}

const isTextField = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select'))
