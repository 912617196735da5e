import { type PreviewAnswer, type PreviewRequest, previewAnswer } from '@rolecall/contract'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useApi } from '../api/api-context.ts'
import type { ManagementApi } from '../api/management-api.ts'
import { useCan } from '../auth/session.ts'
import { sumOf } from './preview-sum.ts'
import type { PlannedChange } from './removals.ts'

const key = 'preview'
/** What the server accepts at once. Of more changes the effect of the first ones is shown. */
export const maxPreviewed = 100
const namesAtOnce = 20

const ask = (api: ManagementApi, body: PreviewRequest, signal: AbortSignal): Promise<PreviewAnswer> =>
  api.change('authorization/preview', previewAnswer, { method: 'POST', body, signal })

/** Whether the server shows this person the effect of changes. */
export function useMayPreview(): boolean {
  return useCan()('read:users', 'read:roles', 'read:resource_servers', 'read:clients', 'read:client_grants')
}

/**
 * Who would lose and gain what by changes that are not made. Of many users the server compares one part after the other,
 * and the sum grows with each. Counting ends when the question is answered.
 * @returns whether it `isCounting`, and what is counted so far; without it the first answer is outstanding
 */
export function usePreview(changes: PlannedChange[]): {
  sum: PreviewAnswer | undefined
  isCounting: boolean
} {
  const api = useApi()
  const { data, isError, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({
    queryKey: [key, changes],
    queryFn: ({ pageParam: from, signal }) => ask(api, { changes, ...(from && { from }) }, signal),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    retry: false,
    gcTime: 0,
  })
  const goesOn = hasNextPage && !isFetching && !isError
  useEffect(() => {
    if (goesOn) void fetchNextPage()
  }, [goesOn, fetchNextPage])
  const [first, ...others] = data?.pages ?? []
  return { sum: first && sumOf([first, ...others]), isCounting: isFetching || goesOn }
}

/** A permission, and whether subjects lose or gain it. */
export interface PermissionEffect {
  effect: 'lost' | 'gained'
  api: string
  permission: string
}

/** The names behind a number of a preview, page after page. */
export function usePreviewNames(changes: PlannedChange[], of: PermissionEffect) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: [key, changes, of],
    queryFn: async ({ pageParam: { from, page }, signal }) => {
      for (let start = from; ; ) {
        const details = { ...of, page, per_page: namesAtOnce }
        const answer = await ask(api, { changes, details, ...(start && { from: start }) }, signal)
        const names = namesIn(answer)
        // In this part of the users there is none, and perhaps in the next.
        if (names.length === 0 && answer.next !== undefined) start = answer.next
        else return { names, following: followingOf(answer, start, page) }
      }
    },
    initialPageParam: { from: '', page: 0 },
    getNextPageParam: ({ following }) => following,
    retry: false,
    gcTime: 0,
  })
}

const namesIn = ({ details }: PreviewAnswer): { id: string; label: string }[] => [
  ...(details?.users ?? []).map(({ user_id: id, email, name }) => ({ id, label: email || name || id })),
  ...(details?.clients ?? []).map(({ client_id: id, name }) => ({ id, label: name })),
]

/** The next page of the same users, or the first one of those after them. */
function followingOf({ details, next }: PreviewAnswer, from: string, page: number) {
  if ((page + 1) * namesAtOnce < (details?.total ?? 0)) return { from, page: page + 1 }
  return next === undefined ? undefined : { from: next, page: 0 }
}
