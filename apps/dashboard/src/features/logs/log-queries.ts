import { log } from '@rolecall/contract'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../../shared/api/api-context.ts'
import { pageSize } from '../../shared/management/lists.ts'

const liveMilliseconds = 2_000

/** A page of entries, newest first. They are not counted: a filter over millions of entries would read all of them. */
export function useLogPage(page: number, q: string) {
  const api = useApi()
  return useQuery({
    queryKey: ['logs', 'page', page, q],
    queryFn: () => api.get('logs', z.array(log), { page, per_page: pageSize, q: q || undefined }),
    placeholderData: keepPreviousData,
  })
}

/**
 * Entries that were written after the newest one shown, by its id: nothing is asked twice, and nothing is missed.
 * @param after the newest entry that is shown; undefined while none is
 */
export function useLogTail(after: string | undefined, q: string, live: boolean) {
  const api = useApi()
  return useQuery({
    queryKey: ['logs', 'tail', after, q],
    queryFn: () => api.get('logs', z.array(log), { from: after, take: 100, q: q || undefined }),
    enabled: live && after !== undefined,
    refetchInterval: liveMilliseconds,
  })
}

const counts = z.array(z.object({ hour: z.string(), logins: z.number(), refusals: z.number() }))

export function useHourCounts() {
  const api = useApi()
  return useQuery({
    queryKey: ['logs', 'hours'],
    queryFn: () => api.get('rolecall/log-counts', counts),
    retry: false,
    staleTime: 60_000,
  })
}
