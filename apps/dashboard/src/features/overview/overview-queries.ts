import { log, overview } from '@rolecall/contract'
import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../../shared/api/api-context.ts'

const shownChanges = 8

export function useOverview() {
  const api = useApi()
  return useQuery({
    queryKey: ['overview'],
    queryFn: () => api.get('rolecall/overview', overview),
    staleTime: 0,
  })
}

/** The latest changes that administrators made. */
export function useLatestChanges(enabled: boolean) {
  const api = useApi()
  return useQuery({
    queryKey: ['logs', 'latest'],
    queryFn: () => api.get('logs', z.array(log), { q: 'type:sapi', per_page: shownChanges }),
    enabled,
  })
}
