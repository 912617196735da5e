import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from '../api/api-error.ts'
import { common } from '../text.ts'
import { Failure } from './failure.tsx'
import { NotFoundPage } from './not-found.tsx'
import { Page } from './page.tsx'
import { LinesSkeleton, PageSkeleton } from './skeletons.tsx'

/** A part of a page that a query loads. */
export function Loaded<T>({
  query,
  children,
}: {
  query: UseQueryResult<T>
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  return <LinesSkeleton />
}

/** A page that a query loads: the content brings the frame and the heading, and so does what stands in for it. */
export function LoadedPage<T>({
  query,
  children,
}: {
  query: UseQueryResult<T>
  children: (data: T) => ReactNode
}) {
  const { data, error } = query
  if (data !== undefined) return children(data)
  if (!error) return <PageSkeleton />
  if (error instanceof ApiError && error.statusCode === 404) return <NotFoundPage />
  return (
    <Page title={common.failedTitle}>
      <Failure error={error} onRetry={() => void query.refetch()} />
    </Page>
  )
}
