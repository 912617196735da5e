import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'

const impact = z.object({
  users: z.number(),
  roles: z.number(),
  direct: z.number(),
  applications: z.number(),
})

/** Counts who holds a permission of an API, and through what. */
export function useImpact(of: { api: string; permission: string }) {
  const api = useApi()
  return useQuery({
    queryKey: ['impact', of],
    queryFn: () => api.get('rolecall/impact', impact, of),
    retry: false,
    staleTime: 0,
  })
}
