import { useEffect } from 'react'

/**
 * Gives the focus back to where it was before a dialog opened. The component library does so too, but not for a dialog
 * that is open from the moment it is there, as most here are.
 */
export function useReturnFocus(opened: boolean): void {
  useEffect(() => {
    const before = opened ? document.activeElement : undefined
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [opened])
}
