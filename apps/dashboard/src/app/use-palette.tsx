import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from 'react'

const Palette = lazy(() => import('./palette.tsx'))

/** Ctrl+K (⌘K) opens the palette anywhere, a slash where nothing is typed into. Its code is loaded when first opened. */
export function usePalette(): { open: () => void; palette: ReactNode } {
  const [opened, setOpened] = useState(false)
  const [isLoaded, setLoaded] = useState(false)
  const open = useCallback(() => {
    setLoaded(true)
    setOpened(true)
  }, [])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!isShortcut(event)) return
      event.preventDefault()
      open()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [open])
  return {
    open,
    palette: isLoaded && (
      <Suspense fallback={null}>
        <Palette opened={opened} onClose={() => setOpened(false)} />
      </Suspense>
    ),
  }
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
