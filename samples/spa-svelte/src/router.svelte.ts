/** The path that is shown. Links of the same origin change it without a page load. */
export const route = $state({ path: window.location.pathname })

export function navigate(url: string, { replace = false } = {}): void {
  window.history[replace ? 'replaceState' : 'pushState']({}, '', url)
  update()
}

/** Follows history changes and clicks on links. Returns the function that ends it. */
export function startRouter(): () => void {
  const follow = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0
    if (!link || modified || event.defaultPrevented) return
    if (link.origin !== window.location.origin || link.getAttribute('href')?.startsWith('#')) return
    event.preventDefault()
    navigate(link.pathname + link.search)
    window.scrollTo(0, 0)
  }
  window.addEventListener('popstate', update)
  document.addEventListener('click', follow)
  return () => {
    window.removeEventListener('popstate', update)
    document.removeEventListener('click', follow)
  }
}

function update(): void {
  route.path = window.location.pathname
}
