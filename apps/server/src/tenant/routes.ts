import { fieldsQuery, tenantSettings as settingsShape, tenantSettingsUpdate } from '@rolecall/contract'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { pickFields } from '../http/paging.ts'
import { audited, requested } from '../logs/audited.ts'
import { updateRequestedSettings } from './requested-changes.ts'
import { tenantSettings } from './settings.ts'

/** Settings of the tenant: its name, lifetimes of sessions, allowed log-out addresses. */
export function tenantRoutes(app: ManagementApp, ctx: Context): void {
  const tags = ['tenants']

  app.get(
    '/tenants/settings',
    {
      config: { scope: ['read:tenant_settings'] },
      schema: {
        tags,
        summary: 'Get the settings',
        querystring: fieldsQuery,
        response: { 200: settingsShape.partial() },
      },
    },
    async ({ query }) => pickFields(await tenantSettings(ctx.store.db), query),
  )

  app.patch(
    '/tenants/settings',
    {
      config: { scope: ['update:tenant_settings'] },
      schema: {
        tags,
        summary: 'Change settings',
        description: 'null brings a default back; `flags` merge.',
        body: tenantSettingsUpdate,
        response: { 200: settingsShape },
      },
    },
    (request) =>
      audited(ctx, request, 'Update tenant settings', (tx) =>
        updateRequestedSettings(tx, requested(request)),
      ),
  )
}
