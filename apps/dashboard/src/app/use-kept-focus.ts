import { useEffect } from 'react'

/**
 * Keeps the focus where the person works. A button that is disabled while its request is pending gets the focus back
 * afterwards, and the panel around an element that is removed takes its place. From `<body>` a screen reader reads
 * nothing, and the Tab key starts at the top of the page.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Place | undefined
    /** The last one outside of dialogs: a dialog that closes leads back there, once it is enabled. */
    let outside: Place | undefined
    const onFocusIn = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement)) return
      last = { element: target, panels: panelsAround(target) }
      if (!target.closest('[role=dialog]')) outside = last
    }
    // An element that is disabled or removed loses the focus although the person has not left it. Chromium tells of a
    // removal before it is made.
    const onFocusOut = ({ target, relatedTarget }: FocusEvent) => {
      if (relatedTarget || !(target instanceof HTMLElement)) return
      queueMicrotask(() => {
        if (!target.isConnected || target.matches(':disabled')) return
        if (outside?.element === target) outside = undefined
        if (last?.element === target) last = undefined
      })
    }
    const observer = new MutationObserver(() => {
      if (!last || document.activeElement !== document.body) return
      const { element, panels } = isThere(last) || !outside ? last : outside
      if (element.isConnected) element.focus({ preventScroll: true })
      else focusPanel(panels.find(({ isConnected }) => isConnected))
    })
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['disabled'] })
    document.addEventListener('focusin', onFocusIn)
    document.addEventListener('focusout', onFocusOut)
    return () => {
      observer.disconnect()
      document.removeEventListener('focusin', onFocusIn)
      document.removeEventListener('focusout', onFocusOut)
    }
  }, [])
}

/** An element that has the focus, and the panels around it. */
interface Place {
  element: HTMLElement
  panels: HTMLElement[]
}

const isThere = ({ element, panels }: Place): boolean =>
  [element, ...panels].some(({ isConnected }) => isConnected)

/** The panels that an element is in, from the inside out; of a message the page. */
function panelsAround(element: HTMLElement): HTMLElement[] {
  const panels: HTMLElement[] = []
  for (let at = element.parentElement; at; at = at.parentElement)
    // A dialog is a section as well.
    if (at.matches('section, main')) panels.push(at)
  const page = document.querySelector('main')
  return panels.length === 0 && page ? [page] : panels
}

/** Of the whole page, the heading takes the focus. */
function focusPanel(panel: HTMLElement | undefined): void {
  const place = panel?.matches('main') ? (panel.querySelector('h1') ?? panel) : panel
  if (!place) return
  place.tabIndex = -1
  place.focus({ preventScroll: true })
}
