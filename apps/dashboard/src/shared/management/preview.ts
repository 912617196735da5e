import { previewAnswer } from '@rolecall/contract'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useApi } from '../api/api-context.ts'
import { useCan } from '../auth/session.ts'
import type { PlannedChange } from './removals.ts'

const path = 'authorization/preview'
const key = 'preview'
/** What the server accepts at once. Of more changes the effect of the first ones is shown. */
export const maxPreviewed = 100
const namesAtOnce = 20

/** Whether the server shows this person the effect of changes. */
export function useMayPreview(): boolean {
  return useCan()('read:users', 'read:roles', 'read:resource_servers', 'read:clients', 'read:client_grants')
}

/** Who would lose and gain what by changes that are not made. The request ends when the question is answered. */
export function usePreview(changes: readonly PlannedChange[]) {
  const api = useApi()
  return useQuery({
    queryKey: [key, changes],
    queryFn: ({ signal }) => api.change(path, previewAnswer, { method: 'POST', body: { changes }, signal }),
    retry: false,
    gcTime: 0,
  })
}

/** A permission, and whether subjects lose or gain it. */
export interface PermissionEffect {
  effect: 'lost' | 'gained'
  api: string
  permission: string
}

/** The names behind a number of a preview, page after page. */
export function usePreviewNames(changes: readonly PlannedChange[], of: PermissionEffect) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: [key, changes, of],
    queryFn: async ({ pageParam: page, signal }) => {
      const details = { ...of, page, per_page: namesAtOnce }
      const body = { changes, details }
      const { details: found } = await api.change(path, previewAnswer, { method: 'POST', body, signal })
      return {
        names: [
          ...(found?.users ?? []).map(({ user_id: id, email, name }) => ({ id, label: email || name || id })),
          ...(found?.clients ?? []).map(({ client_id: id, name }) => ({ id, label: name })),
        ],
        total: found?.total ?? 0,
      }
    },
    initialPageParam: 0,
    getNextPageParam: ({ total }, _pages, page) => ((page + 1) * namesAtOnce < total ? page + 1 : undefined),
    retry: false,
    gcTime: 0,
  })
}
