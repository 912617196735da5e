import {
  type AuthenticationMethod,
  authenticationMethod,
  type FactorPolicyUpdate,
  factorPolicy,
} from '@rolecall/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'

export type { AuthenticationMethod }

const key = 'factors'
const methods = z.array(authenticationMethod)
const pathOf = (userId: string) => `users/${segment(userId)}/authentication-methods`

export function useAuthenticationMethods(userId: string) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'of-user', userId],
    queryFn: () => api.get(pathOf(userId), methods),
  })
}

/** Removes a method of a user, or, without an id, all of them. */
export function useRemoveMethods(userId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string | undefined) =>
      api.run(id === undefined ? pathOf(userId) : `${pathOf(userId)}/${segment(id)}`, { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key, 'of-user', userId] }),
  })
}

export function useFactorPolicy() {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'policy'],
    queryFn: () => api.getVersioned('rolecall/factor-policy', factorPolicy),
  })
}

export function useUpdateFactorPolicy() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ ifMatch, ...body }: FactorPolicyUpdate & { ifMatch: string | undefined }) =>
      api.change('rolecall/factor-policy', factorPolicy, { method: 'PATCH', body, ifMatch }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key, 'policy'] }),
  })
}
