import { Button } from '@mantine/core'
import { useCallback } from 'react'
import { ApiError, SessionEnded, Unreachable } from '../api/api-error.ts'
import { common } from '../text.ts'
import { EmptyState } from './empty-state.tsx'
import { NotFound } from './not-found.tsx'
import { useToast } from './toast.tsx'

/** Explains an error to the user. */
export function explain(error: unknown): string {
  if (error instanceof SessionEnded) return common.sessionEnded
  if (error instanceof Unreachable) return common.unreachable
  if (error instanceof ApiError) return error.explanation
  return `${common.failed} ${error instanceof Error ? error.message : ''}`
}

/** Shows the failure of an action that has no form. */
export function useFailure(): (error: unknown) => void {
  const toast = useToast()
  return useCallback((error: unknown) => toast.failed(explain(error)), [toast])
}

/** In place of what could not be loaded. */
export function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  if (error instanceof ApiError && error.statusCode === 404) return <NotFound />
  const forbidden = error instanceof ApiError && error.statusCode === 403
  const missing = forbidden ? error.message.split('any of: ')[1] : undefined
  return (
    <EmptyState
      icon={forbidden ? 'lock' : 'warning'}
      title={forbidden ? common.notAllowed : common.failed}
      action={!forbidden && <Button onClick={onRetry}>{common.retry}</Button>}
    >
      {missing ? common.notAllowedDetail(missing) : explain(error)}
    </EmptyState>
  )
}
