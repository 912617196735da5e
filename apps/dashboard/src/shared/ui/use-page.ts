import { useCallback } from 'react'
import { useSearchParams } from 'react-router'

/** The number of a list's page, from 0, kept in the address (`?page=2` is the second) so that back and links work. */
export function usePage(): [page: number, setPage: (page: number) => void] {
  const [search, setSearch] = useSearchParams()
  const asked = Number(search.get('page') ?? 1)
  const page = Number.isInteger(asked) && asked > 0 ? asked - 1 : 0
  const setPage = useCallback(
    (next: number) =>
      setSearch((old) => {
        const changed = new URLSearchParams(old)
        if (next === 0) changed.delete('page')
        else changed.set('page', String(next + 1))
        return changed
      }),
    [setSearch],
  )
  return [page, setPage]
}
