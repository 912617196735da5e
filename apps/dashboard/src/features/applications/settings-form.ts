import { redirectUrl, returnUrl, webOrigin } from '@rolecall/contract'
import { linesOf, urlErrors } from '../../shared/forms/url-lines.ts'
import type { Client } from '../../shared/management/applications.ts'
import { common } from '../../shared/text.ts'
import { applicationSettings as text } from './text.ts'

export const grantTypes = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'password',
  'implicit',
] as const

export interface Values {
  name: string
  description: string
  /** URLs, one a line. */
  callbacks: string
  allowed_logout_urls: string
  web_origins: string
  grant_types: string[]
  rotating: boolean
  token_lifetime: string
  idle_token_lifetime: string
}

export const labels: Record<keyof Values, string> = {
  name: common.name,
  description: text.description,
  callbacks: text.callbacks,
  allowed_logout_urls: text.logout,
  web_origins: text.origins,
  grant_types: text.grants,
  rotating: text.rotation,
  token_lifetime: text.lifetime,
  idle_token_lifetime: text.idle,
}

export const isSecretless = ({ token_endpoint_auth_method }: Client): boolean =>
  token_endpoint_auth_method === 'none'

export const toValues = (application: Client): Values => ({
  name: application.name,
  description: application.description ?? '',
  callbacks: (application.callbacks ?? []).join('\n'),
  allowed_logout_urls: (application.allowed_logout_urls ?? []).join('\n'),
  web_origins: (application.web_origins ?? []).join('\n'),
  grant_types: application.grant_types ?? [],
  rotating: application.refresh_token?.rotation_type === 'rotating',
  token_lifetime: String(application.refresh_token?.token_lifetime ?? 2_592_000),
  idle_token_lifetime: String(application.refresh_token?.idle_token_lifetime ?? 1_296_000),
})

export const toUpdate = (values: Values) => ({
  name: values.name.trim(),
  description: values.description.trim() || null,
  callbacks: linesOf(values.callbacks),
  allowed_logout_urls: linesOf(values.allowed_logout_urls),
  web_origins: linesOf(values.web_origins),
  grant_types: values.grant_types,
  refresh_token: values.rotating
    ? {
        rotation_type: 'rotating' as const,
        expiration_type: 'expiring' as const,
        token_lifetime: Number(values.token_lifetime),
        infinite_token_lifetime: false,
        idle_token_lifetime: Number(values.idle_token_lifetime),
        infinite_idle_token_lifetime: false,
      }
    : { rotation_type: 'non-rotating' as const },
})

/** The grant types that are taken away, by the names that the page shows. */
export const removedGrantTypes = (base: Values, values: Values): string[] =>
  grantTypes
    .filter((type) => base.grant_types.includes(type) && !values.grant_types.includes(type))
    .map((type) => text.grantNames[type])

export function validate(values: Values): { [Name in keyof Values]?: string | undefined } {
  return {
    name: values.name.trim() ? undefined : common.required,
    callbacks: urlErrors(values.callbacks, redirectUrl),
    allowed_logout_urls: urlErrors(values.allowed_logout_urls, returnUrl),
    web_origins: urlErrors(values.web_origins, webOrigin),
    ...(values.rotating && {
      token_lifetime: secondsError(values.token_lifetime),
      idle_token_lifetime: secondsError(values.idle_token_lifetime),
    }),
  }
}

const secondsError = (typed: string): string | undefined =>
  /^[1-9]\d{0,9}$/.test(typed) ? undefined : text.number
