import { nameClash } from '@rolecall/contract'
import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'

const clashes = z.array(nameClash)

/** Users or roles whose names are spellings of one name. Under the key of their lists, so that a change reads it again. */
export function useClashes(kind: 'users' | 'roles') {
  const api = useApi()
  const path = kind === 'users' ? 'rolecall/user-clashes' : 'rolecall/role-clashes'
  return useQuery({ queryKey: [kind, 'page', 'clashes'], queryFn: () => api.get(path, clashes) })
}
