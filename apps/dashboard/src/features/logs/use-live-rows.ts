import type { Log } from '@rolecall/contract'
import { useState } from 'react'
import { useLogTail } from './log-queries.ts'

const maxRows = 500

/** The first page of the log, with newer entries on top while `following`. */
export function useLiveRows(page: Log[] | undefined, q: string, following: boolean): Log[] | undefined {
  const [newer, setNewer] = useState<{ of: Log[]; rows: Log[] }>()
  const known = newer && newer.of === page ? newer.rows : []
  // An empty id is before the first entry.
  const newest = known[0]?.log_id ?? (page && (page[0]?.log_id ?? ''))
  const { data: arrived = [] } = useLogTail(newest, q, following)
  const fresh = arrived.filter(({ log_id }) => !known.some((row) => row.log_id === log_id)).toReversed()
  // State that follows from props: https://react.dev/reference/react/useState#storing-information-from-previous-renders
  if (page && fresh.length > 0) setNewer({ of: page, rows: [...fresh, ...known].slice(0, maxRows) })
  return page && [...known, ...page]
}
