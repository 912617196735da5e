import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { SessionEnded, Unreachable } from './api-error.ts'

/** @param onSessionEnded called when a request finds that the session has ended */
export function createQueryClient(onSessionEnded: () => void): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof SessionEnded) onSessionEnded()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // A request is sent even where the browser thinks it is offline: its failure is shown, while a paused one is not.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 5_000,
        retry: (failures, error) => error instanceof Unreachable && failures < 2,
      },
    },
  })
}
