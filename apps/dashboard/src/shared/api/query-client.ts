import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { SessionEnded, Unreachable } from './api-error.ts'

/** @param onSessionEnded asked whenever a call finds that nobody is logged in any more */
export function createQueryClient(onSessionEnded: () => void): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof SessionEnded) onSessionEnded()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => error instanceof Unreachable && failures < 2,
      },
    },
  })
}
