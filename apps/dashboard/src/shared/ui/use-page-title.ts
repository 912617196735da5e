import { createContext, type RefObject, use, useEffect } from 'react'
import { common } from '../text.ts'

/** Tells screen readers the title of the page that is shown. */
export const AnnounceContext = createContext<(title: string) => void>(() => undefined)

/**
 * Names the page in the browser and to screen readers. Where the focus was on something that is gone, such as a dialog
 * that has just created this page's resource, the heading takes it: from `<body>` a screen reader reads nothing, and the
 * Tab key starts at the top of the navigation.
 */
export function usePageTitle(title: string, heading: RefObject<HTMLElement | null>): void {
  const announce = use(AnnounceContext)
  useEffect(() => {
    document.title = `${title} · ${common.product}`
    announce(title)
    const { activeElement, body } = document
    // `<main>` has it while the page is loaded.
    if (activeElement === body || activeElement?.matches('main'))
      heading.current?.focus({ preventScroll: true })
  }, [title, announce, heading])
}
