import {
  type LogCategory,
  type LogStream,
  type LogStreamUpdate,
  logStream,
  logStreamDeliveries,
} from '@rolecall/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../../shared/api/api-context.ts'
import { segment } from '../../shared/api/management-api.ts'

const streams = 'log-streams'
/** Deliveries are attempted meanwhile. */
const refreshMs = 3_000

export function useLogStreams() {
  const api = useApi()
  return useQuery({
    queryKey: [streams],
    queryFn: () => api.get('log-streams', z.array(logStream)),
    refetchInterval: refreshMs,
  })
}

export function useDeliveries(id: string) {
  const api = useApi()
  return useQuery({
    queryKey: [streams, id],
    queryFn: () => api.get(`rolecall/log-streams/${segment(id)}/deliveries`, logStreamDeliveries),
    refetchInterval: refreshMs,
  })
}

export interface NewStream {
  name: string
  endpoint: string
  format: LogStream['sink']['httpContentFormat']
  authorization: string
  categories: LogCategory[]
}

/** Creates, changes and deletes streams, and sends their deliveries again. */
export function useStreamChanges() {
  const api = useApi()
  const queries = useQueryClient()
  const { mutateAsync: run } = useMutation({
    mutationFn: (change: () => Promise<unknown>) => change(),
    onSettled: () => queries.invalidateQueries({ queryKey: [streams] }),
  })
  return {
    create: ({ name, endpoint, format, authorization, categories }: NewStream) =>
      run(() =>
        api.change('log-streams', logStream, {
          method: 'POST',
          body: {
            ...(name && { name }),
            type: 'http',
            sink: {
              httpEndpoint: endpoint,
              httpContentFormat: format,
              ...(authorization && { httpAuthorization: authorization }),
            },
            filters: categories.map((category) => ({ type: 'category', name: category })),
          },
        }),
      ),
    update: (id: string, body: LogStreamUpdate) =>
      run(() => api.change(`log-streams/${segment(id)}`, logStream, { method: 'PATCH', body })),
    remove: (id: string) => run(() => api.run(`log-streams/${segment(id)}`, { method: 'DELETE' })),
    retry: (id: string, deliveryId?: string) =>
      run(() =>
        api.run(`rolecall/log-streams/${segment(id)}/retry`, {
          method: 'POST',
          body: { ...(deliveryId !== undefined && { delivery_id: deliveryId }) },
        }),
      ),
  }
}
