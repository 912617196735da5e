import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'

/** Gives one role to several users. */
export function useAssignRole(roleId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (users: string[]) =>
      api.run(`roles/${segment(roleId)}/users`, { method: 'POST', body: { users } }),
    onSuccess: () => queries.invalidateQueries(),
  })
}
