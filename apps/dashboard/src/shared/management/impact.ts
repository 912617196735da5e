import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'

const impact = z.object({
  /** Users who hold it now and would not any more. */
  users: z.number(),
  roles: z.number(),
  direct: z.number(),
  applications: z.number(),
})

/** What would be taken away. */
export type Removal =
  | { api: string; permission?: string }
  | { role: string; api?: string; permission?: string }

/** Counts who would lose something, before it is removed. */
export function useImpact(removal: Removal) {
  const api = useApi()
  return useQuery({
    queryKey: ['impact', removal],
    queryFn: () => api.get('rolecall/impact', impact, removal),
    retry: false,
    staleTime: 0,
  })
}
