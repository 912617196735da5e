import { useCallback } from 'react'
import { useHref, useLocation } from 'react-router'

/**
 * Tells whether the address is still that of the rendered page. After a click on a link the address is the new one at
 * once, while the old page is shown until the new one is loaded. What the old page does then must not bring it back.
 */
export function useIsCurrent(): () => boolean {
  const href = useHref(useLocation().pathname)
  return useCallback(() => withoutSlash(location.pathname) === withoutSlash(href), [href])
}

/** The start page is at `/dashboard/` after a log-in, and at `/dashboard` after a link. */
const withoutSlash = (path: string) => path.replace(/\/$/, '')
