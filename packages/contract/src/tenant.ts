import { z } from 'zod'
import { objectName } from './text.ts'
import { link, returnUrl } from './urls.ts'

/** Settings of the tenant: https://auth0.com/docs/api/management/v2/tenants/tenant-settings-route. Lifetimes in hours. */

const text = z.string().max(1_024)
/** Up to 100 days. */
const hours = z
  .number()
  .min(1 / 60)
  .max(2_400)
const minutes = z.int().min(1).max(144_000)

const members = {
  friendly_name: objectName(200),
  picture_url: link,
  support_email: text,
  support_url: link,
  allowed_logout_urls: z.array(returnUrl).max(1_000),
  default_audience: z.string().max(600),
  default_directory: z.string().max(128),
  session_lifetime: hours,
  idle_session_lifetime: hours,
  session_cookie: z.looseObject({ mode: z.enum(['persistent', 'non-persistent']) }),
  sandbox_version: z.string().max(8),
  enabled_locales: z.array(z.string().max(20)).max(200),
  flags: z.record(z.string().max(200), z.boolean()),
}

/** URLs are not validated here, because earlier versions stored URLs that are refused now. */
export const tenantSettings = z.looseObject({
  ...members,
  picture_url: z.string(),
  support_url: z.string(),
  allowed_logout_urls: z.array(z.string()),
})
export type TenantSettings = z.output<typeof tenantSettings>

/** In a PATCH, null restores the default. */
export const tenantSettingsUpdate = z.looseObject({
  friendly_name: members.friendly_name.nullish(),
  picture_url: members.picture_url.nullish(),
  support_email: members.support_email.nullish(),
  support_url: members.support_url.nullish(),
  allowed_logout_urls: members.allowed_logout_urls.nullish(),
  default_audience: members.default_audience.nullish(),
  default_directory: members.default_directory.nullish(),
  session_lifetime: members.session_lifetime.nullish(),
  idle_session_lifetime: members.idle_session_lifetime.nullish(),
  session_lifetime_in_minutes: minutes.nullish(),
  idle_session_lifetime_in_minutes: minutes.nullish(),
  session_cookie: members.session_cookie.nullish(),
  sandbox_version: members.sandbox_version.nullish(),
  enabled_locales: members.enabled_locales.nullish(),
  flags: members.flags.optional(),
  /** It has routes of its own (`factors.ts`). */
  second_factor: z.never().optional(),
})
export type TenantSettingsUpdate = z.input<typeof tenantSettingsUpdate>
