import type { TenantSettings, TenantSettingsUpdate } from '@rolecall/contract'
import type { Cache } from '../store/cache.ts'
import { recordChange } from '../store/changes.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { lockSetting, readSetting, writeSetting } from './store.ts'

const settingsId = 'tenant'

/** Lifetimes are in hours, as on the wire. */
const defaults = {
  friendly_name: 'Rolecall',
  picture_url: '',
  support_email: '',
  support_url: '',
  allowed_logout_urls: [],
  default_audience: '',
  default_directory: '',
  session_lifetime: 168,
  idle_session_lifetime: 72,
  session_cookie: { mode: 'persistent' },
  sandbox_version: '22',
  enabled_locales: ['en'],
  flags: {
    enable_client_connections: true,
    revoke_refresh_token_grant: false,
    enable_sso: true,
    disable_clickjack_protection_headers: false,
    enable_public_signup_user_exists_error: false,
  },
  oidc_logout: { rp_logout_end_session_endpoint_discovery: true },
} satisfies TenantSettings

export async function tenantSettings(db: Db): Promise<TenantSettings> {
  return complete((await readSetting<Partial<TenantSettings>>(db, settingsId)) ?? {})
}

function complete(kept: Partial<TenantSettings>): TenantSettings {
  return { ...defaults, ...kept, flags: { ...defaults.flags, ...kept.flags } }
}

/** The same for all requests until the settings change; see `Cache`. */
export function cachedTenantSettings(db: Db, cache: Pick<Cache, 'get'>): Promise<TenantSettings> {
  return cache.get('tenant', () => tenantSettings(db))
}

/** Members of the body replace, null restores the default, `flags` merge. Lifetimes can also be in minutes. */
export async function updateTenantSettings(
  tx: Tx,
  update: TenantSettingsUpdate,
): Promise<{ before: TenantSettings; after: TenantSettings }> {
  const { session_lifetime_in_minutes, idle_session_lifetime_in_minutes, flags, ...members } = update
  const before = await lockSetting<TenantSettings>(tx.db, settingsId, tx.now)
  const kept: Record<string, unknown> = { ...before }
  const given: Record<string, unknown> = {
    ...members,
    ...(session_lifetime_in_minutes != null && { session_lifetime: session_lifetime_in_minutes / 60 }),
    ...(idle_session_lifetime_in_minutes != null && {
      idle_session_lifetime: idle_session_lifetime_in_minutes / 60,
    }),
    ...(flags && { flags: { ...before.flags, ...flags } }),
  }
  for (const [member, value] of Object.entries(given)) {
    if (value === null) delete kept[member]
    else if (value !== undefined) kept[member] = value
  }
  await writeSetting(tx.db, settingsId, kept, tx.now)
  await recordChange(tx, 'tenant', settingsId)
  return { before: complete(before), after: await tenantSettings(tx.db) }
}
