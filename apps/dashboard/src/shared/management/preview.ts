import { addPreview, type PreviewAnswer, type PreviewRequest, previewAnswer } from '@rolecall/contract'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useApi } from '../api/api-context.ts'
import type { ManagementApi } from '../api/management-api.ts'
import { useCan } from '../auth/session.ts'
import { inParts } from './preview-parts.ts'
import type { PlannedChange } from './removals.ts'

const key = 'preview'
const namesAtOnce = 20

const ask = (api: ManagementApi, body: PreviewRequest, signal: AbortSignal): Promise<PreviewAnswer> =>
  api.change('authorization/preview', previewAnswer, { method: 'POST', body, signal })

/** Whether the server shows this person the effect of changes. */
export function useMayPreview(): boolean {
  return useCan()('read:users', 'read:roles', 'read:resource_servers', 'read:clients', 'read:client_grants')
}

/** Where a request goes on: a part of the changes, and the users after one. */
interface Start {
  part: number
  from: string
}

const start: Start = { part: 0, from: '' }

/**
 * Who would lose and gain what by changes that are not made. Of many users the server compares one part after the other,
 * and the sum grows with each. Counting ends when the question is answered.
 * @returns whether it `isCounting`, and what is counted so far; without it the first answer is outstanding
 */
export function usePreview(changes: readonly PlannedChange[]): {
  sum: PreviewAnswer | undefined
  isCounting: boolean
} {
  const api = useApi()
  const parts = inParts(changes)
  const { data, isError, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({
    queryKey: [key, changes],
    queryFn: ({ pageParam: { part, from }, signal }) =>
      ask(api, { changes: parts[part] ?? [], ...(from && { from }) }, signal),
    initialPageParam: start,
    getNextPageParam: ({ next }, _pages, { part }) => startAfter(parts.length, part, next),
    retry: false,
    gcTime: 0,
  })
  const goesOn = hasNextPage && !isFetching && !isError
  useEffect(() => {
    if (goesOn) void fetchNextPage()
  }, [goesOn, fetchNextPage])
  const [first, ...others] = data?.pages ?? []
  const sum = first && { ...others.reduce(addPreview, first), complete: !hasNextPage }
  return { sum, isCounting: isFetching || goesOn }
}

/** Further users of the same part, or the next part. */
function startAfter(parts: number, part: number, next: string | undefined): Start | undefined {
  if (next !== undefined) return { part, from: next }
  return part + 1 < parts ? { part: part + 1, from: '' } : undefined
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
  const parts = inParts(changes)
  return useInfiniteQuery({
    queryKey: [key, changes, of],
    queryFn: async ({ pageParam, signal }) => {
      for (let { page, ...at } = pageParam; ; page = 0) {
        const { part, from } = at
        const details = { ...of, page, per_page: namesAtOnce }
        const body = { changes: parts[part] ?? [], details, ...(from && { from }) }
        const answer = await ask(api, body, signal)
        const names = namesIn(answer)
        const isMore = (page + 1) * namesAtOnce < (answer.details?.total ?? 0)
        const next = startAfter(parts.length, part, answer.next)
        // Of these users it is none, and perhaps of the next.
        if (names.length === 0 && !isMore && next) at = next
        else return { names, following: isMore ? { ...at, page: page + 1 } : next && { ...next, page: 0 } }
      }
    },
    initialPageParam: { ...start, page: 0 },
    getNextPageParam: ({ following }) => following,
    retry: false,
    gcTime: 0,
  })
}

const namesIn = ({ details }: PreviewAnswer): { id: string; label: string }[] => [
  ...(details?.users ?? []).map(({ user_id: id, email, name }) => ({ id, label: email || name || id })),
  ...(details?.clients ?? []).map(({ client_id: id, name }) => ({ id, label: name })),
]
