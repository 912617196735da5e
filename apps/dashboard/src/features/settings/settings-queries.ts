import {
  connection,
  lazyMigrationCheck,
  lazyMigrationState,
  outboxMail,
  signingKey,
  signingKeyChange,
  type TenantSettingsUpdate,
  tenantSettings,
} from '@rolecall/contract'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../../shared/api/api-context.ts'
import { segment } from '../../shared/api/management-api.ts'
import { type Connection, connectionKey } from '../../shared/management/connections.ts'
import { readPage } from '../../shared/management/lists.ts'

const settings = 'settings'

export function useTenantSettings() {
  const api = useApi()
  return useQuery({
    queryKey: [settings, 'tenant'],
    queryFn: () => api.getVersioned('tenants/settings', tenantSettings),
  })
}

export function useUpdateTenantSettings() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ ifMatch, ...body }: TenantSettingsUpdate & { ifMatch?: string | undefined }) =>
      api.change('tenants/settings', tenantSettings, { method: 'PATCH', body, ifMatch }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [settings, 'tenant'] }),
  })
}

/** The wire replaces `options` as a whole, so all of it is sent. */
export function useUpdateConnection() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({
      id,
      options,
      ifMatch,
    }: Pick<Connection, 'id' | 'options'> & { ifMatch: string | undefined }) =>
      api.change(`connections/${segment(id)}`, connection, { method: 'PATCH', body: { options }, ifMatch }),
    onSuccess: () => queries.invalidateQueries({ queryKey: connectionKey }),
  })
}

/** Which credentials of a connection's lazy migration are stored. */
export function useMigrationState(id: string) {
  const api = useApi()
  return useQuery({
    queryKey: [...connectionKey, 'lazy-migration', id],
    queryFn: () => api.get(`rolecall/connections/${segment(id)}/lazy-migration`, lazyMigrationState),
  })
}

export function useTestMigration(id: string) {
  const api = useApi()
  return useMutation({
    mutationFn: () =>
      api.change(`rolecall/connections/${segment(id)}/lazy-migration/check`, lazyMigrationCheck, {
        method: 'POST',
      }),
  })
}

export function useOutbox(page: number) {
  const api = useApi()
  return useQuery({
    queryKey: [settings, 'outbox', page],
    queryFn: () => readPage(api, 'rolecall/outbox', 'mails', outboxMail, { page }),
    placeholderData: keepPreviousData,
  })
}

export function useSigningKeys() {
  const api = useApi()
  return useQuery({
    queryKey: [settings, 'keys'],
    queryFn: () => api.get('keys/signing', z.array(signingKey)),
  })
}

/** Lets the next key sign, or, given an id, ends a previous one. */
export function useChangeKeys() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (revoked: string | undefined) =>
      revoked === undefined
        ? api.change('keys/signing/rotate', signingKeyChange, { method: 'POST' })
        : api.change(`keys/signing/${segment(revoked)}/revoke`, signingKeyChange, { method: 'PUT' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [settings, 'keys'] }),
  })
}
