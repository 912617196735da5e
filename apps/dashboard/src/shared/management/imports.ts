import { job, jobError } from '@rolecall/contract'
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'

const pollMilliseconds = 1_000
const jobErrors = z.array(jobError)

const latestKey = ['imports', 'latest']

/** The import that was started last, from whatever page: the page may have been left while the file was uploaded. */
export function useLatestImport(): string | undefined {
  return useQuery<string>({ queryKey: latestKey, queryFn: skipToken, gcTime: Number.POSITIVE_INFINITY }).data
}

/** Uploads a file of users. The answer is the job that imports them. */
export function useImportUsers() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    onSuccess: ({ id }) => queries.setQueryData(latestKey, id),
    mutationFn: ({ file, connectionId, upsert }: { file: File; connectionId: string; upsert: boolean }) => {
      const form = new FormData()
      form.set('connection_id', connectionId)
      form.set('upsert', String(upsert))
      form.set('send_completion_email', 'false')
      form.set('users', file)
      return api.change('jobs/users-imports', job, { method: 'POST', form })
    },
  })
}

const hasEnded = (status: string | undefined) => status === 'completed' || status === 'failed'

/** An import, read again until it has ended. */
export function useImport(id: string | undefined) {
  const api = useApi()
  const queries = useQueryClient()
  return useQuery({
    queryKey: ['imports', id],
    queryFn: async () => {
      const found = await api.get(`jobs/${segment(id ?? '')}`, job)
      if (hasEnded(found.status)) await queries.invalidateQueries({ queryKey: ['users'] })
      return found
    },
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (hasEnded(state.data?.status) ? false : pollMilliseconds),
  })
}

/** The users that an import refused, with the reasons. */
export function useImportErrors(id: string, enabled: boolean) {
  const api = useApi()
  return useQuery({
    queryKey: ['imports', id, 'errors'],
    queryFn: () => api.get(`jobs/${segment(id)}/errors`, jobErrors),
    enabled,
  })
}
