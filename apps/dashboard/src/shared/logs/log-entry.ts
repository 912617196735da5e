import { log } from '@rolecall/contract'
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'

export function useLogEntry(id: string) {
  const api = useApi()
  return useQuery({ queryKey: ['logs', 'one', id], queryFn: () => api.get(`logs/${segment(id)}`, log) })
}
