import { connection } from '@rolecall/contract'
import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'
import { useCan } from '../auth/session.ts'
import type { PasswordPolicy } from '../forms/password-error.ts'
import { readAll } from './lists.ts'

export type Connection = z.output<typeof connection>

/** The database of users that every tenant has. */
export const defaultConnection = 'Username-Password-Authentication'
export const connectionKey = ['connections', defaultConnection]

export function useDefaultConnection(enabled = true) {
  const api = useApi()
  return useQuery({
    enabled,
    queryKey: connectionKey,
    queryFn: async () => {
      const [found] = await api.get('connections', z.array(connection), { name: defaultConnection })
      if (!found) throw new Error(`There is no connection ${defaultConnection}.`)
      return api.getVersioned(`connections/${segment(found.id)}`, connection)
    },
  })
}

/** The databases of users that exist. */
export function useAllConnections() {
  const api = useApi()
  return useQuery({
    queryKey: ['connections', 'all'],
    queryFn: () => readAll(api, 'connections', 'connections', connection),
  })
}

/** The rules for passwords of new users; the weakest where the connection may not be read. */
export function usePasswordPolicy(): PasswordPolicy {
  const can = useCan()
  const { data } = useDefaultConnection(can('read:connections'))
  return data?.value.options.passwordPolicy ?? 'none'
}
