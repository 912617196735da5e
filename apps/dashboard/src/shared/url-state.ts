import { useCallback } from 'react'
import { useSearchParams } from 'react-router'

/** The number of a list's page, from 0; the address counts from 1 (`?page=2`). Anything else than a page is the first one. */
export function pageOf(search: URLSearchParams): number {
  const wanted = Number(search.get('page') ?? 1)
  return Number.isSafeInteger(wanted) && wanted > 0 ? wanted - 1 : 0
}

/** @param page from 0 */
export function withPage(search: URLSearchParams, page: number): URLSearchParams {
  return withParameter(search, 'page', page === 0 ? '' : String(page + 1))
}

/** A filter of a list, set or, if empty, removed. A filtered list starts at its first page. */
export function withFilter(search: URLSearchParams, name: string, value: string): URLSearchParams {
  return withPage(withParameter(search, name, value), 0)
}

function withParameter(search: URLSearchParams, name: string, value: string): URLSearchParams {
  const changed = new URLSearchParams(search)
  if (value) changed.set(name, value)
  else changed.delete(name)
  return changed
}

/** The page of a list, kept in the address so that Back and links lead to it. */
export function usePage(): [page: number, setPage: (page: number) => void] {
  const [search, setSearch] = useSearchParams()
  const setPage = useCallback((page: number) => setSearch((old) => withPage(old, page)), [setSearch])
  return [pageOf(search), setPage]
}

/** Filters of a list, kept in the address. Typing adds no entry to the browser's history. */
export function useFilters(): [search: URLSearchParams, setFilter: (name: string, value: string) => void] {
  const [search, setSearch] = useSearchParams()
  const setFilter = useCallback(
    (name: string, value: string) => setSearch((old) => withFilter(old, name, value), { replace: true }),
    [setSearch],
  )
  return [search, setFilter]
}
