import { useCallback } from 'react'
import { useSearchParams } from 'react-router'
import { useIsCurrent } from './use-is-current.ts'

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

/**
 * Changes the part of the address after `?`. Two changes in quick succession build on each other: the search of the last
 * render may be older than the address, which the router changes at once. A page that is being left changes nothing.
 */
export function useSearchChange(): (
  change: (search: URLSearchParams) => URLSearchParams,
  options?: { replace: boolean },
) => void {
  const [, setSearch] = useSearchParams()
  const isCurrent = useIsCurrent()
  return useCallback(
    (change, options) => {
      if (isCurrent()) setSearch(change(new URLSearchParams(location.search)), options)
    },
    [setSearch, isCurrent],
  )
}

/** The page of a list, kept in the address so that Back and links lead to it. */
export function usePage(): [page: number, setPage: (page: number) => void] {
  const [search] = useSearchParams()
  const change = useSearchChange()
  const setPage = useCallback((page: number) => change((old) => withPage(old, page)), [change])
  return [pageOf(search), setPage]
}

/** Filters of a list, kept in the address. Typing adds no entry to the browser's history. */
export function useFilters(): [search: URLSearchParams, setFilter: (name: string, value: string) => void] {
  const [search] = useSearchParams()
  const change = useSearchChange()
  const setFilter = useCallback(
    (name: string, value: string) => change((old) => withFilter(old, name, value), { replace: true }),
    [change],
  )
  return [search, setFilter]
}

/** Whether the dialog that creates an object is open, kept in the address so that a link opens it. */
export function useCreating(): [creating: boolean, create: () => void, close: () => void] {
  const [search] = useSearchParams()
  const change = useSearchChange()
  const set = useCallback(
    (value: string) => change((old) => withParameter(old, 'create', value), { replace: true }),
    [change],
  )
  const create = useCallback(() => set('true'), [set])
  const close = useCallback(() => set(''), [set])
  return [search.has('create'), create, close]
}
