import type {
  FactorPolicy,
  FactorPolicyUpdate,
  TenantSettings,
  TenantSettingsUpdate,
} from '@rolecall/contract'
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

const defaultFactorPolicy: FactorPolicy = {
  policy: 'optional',
  factors: { otp: true, 'webauthn-roaming': true, 'recovery-code': true },
  owners: false,
  roles: [],
  apis: [],
}

/** As they are stored, in one row, which every log-in reads. */
type StoredSettings = Partial<TenantSettings> & { second_factor?: Partial<FactorPolicy> }

interface LogInSettings {
  settings: TenantSettings
  factorPolicy: FactorPolicy
}

export async function tenantSettings(db: Db): Promise<TenantSettings> {
  return (await logInSettings(db)).settings
}

/** The settings together with who needs a second factor. */
export async function logInSettings(db: Db): Promise<LogInSettings> {
  return complete((await readSetting<StoredSettings>(db, settingsId)) ?? {})
}

function complete({ second_factor, ...kept }: StoredSettings): LogInSettings {
  return {
    settings: { ...defaults, ...kept, flags: { ...defaults.flags, ...kept.flags } },
    factorPolicy: {
      ...defaultFactorPolicy,
      ...second_factor,
      factors: { ...defaultFactorPolicy.factors, ...second_factor?.factors },
    },
  }
}

/** The same for all requests until the settings change; see `Cache`. */
export function cachedLogInSettings(db: Db, cache: Pick<Cache, 'get'>): ReturnType<typeof logInSettings> {
  return cache.get('tenant', () => logInSettings(db))
}

/** Members of the update replace, `factors` merge. */
export async function updateFactorPolicy(
  tx: Tx,
  updateOf: (before: FactorPolicy) => FactorPolicyUpdate,
): Promise<{ before: FactorPolicy; after: FactorPolicy }> {
  const kept = await lockSetting<StoredSettings>(tx.db, settingsId, tx.now)
  const before = complete(kept).factorPolicy
  const update = updateOf(before)
  const after = {
    policy: update.policy ?? before.policy,
    factors: { ...before.factors, ...update.factors },
    owners: update.owners ?? before.owners,
    roles: update.roles ?? before.roles,
    apis: update.apis ?? before.apis,
  }
  await writeSetting(tx.db, settingsId, { ...kept, second_factor: after }, tx.now)
  await recordChange(tx, 'tenant', settingsId)
  return { before, after }
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
  return { before: complete(before).settings, after: await tenantSettings(tx.db) }
}
