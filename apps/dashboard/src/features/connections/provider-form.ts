import type { Connection, ConnectionOptions } from '../../shared/management/connections.ts'
import { common } from '../../shared/text.ts'
import { addressOption } from './presets.ts'
import { connectionSettings as text } from './text.ts'

export const authMethods = ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'] as const
export const profileTimes = ['on_each_login', 'on_first_login', 'never_on_login'] as const

/** Named as the members of the wire, so that a refusal is shown at its field. */
export interface ProviderValues {
  display_name: string
  show_as_button: boolean
  issuer: string
  client_id: string
  client_secret: string
  scope: string
  token_endpoint_auth_method: (typeof authMethods)[number]
  pkce: boolean
  set_user_root_attributes: (typeof profileTimes)[number]
  trust_email_verified: boolean
}

export const labels: Record<keyof ProviderValues, string> = {
  display_name: text.displayName,
  show_as_button: text.showAsButton,
  issuer: text.issuer,
  client_id: text.clientId,
  client_secret: text.clientSecret,
  scope: text.scope,
  token_endpoint_auth_method: text.method,
  pkce: text.pkce,
  set_user_root_attributes: text.profile,
  trust_email_verified: text.trust,
}

const usualScope = 'openid profile email'

/** What the form shows of a stored connection. The secret is not read. */
export function toValues({ strategy, options, ...connection }: Connection): ProviderValues {
  const { display_name: displayName, show_as_button: button } = connection
  return {
    display_name: typeof displayName === 'string' ? displayName : '',
    show_as_button: button !== false,
    issuer: options.discovery_url || options.issuer || '',
    client_id: options.client_id ?? '',
    client_secret: '',
    scope: typeof options.scope === 'string' ? options.scope : usualScope,
    token_endpoint_auth_method: options.token_endpoint_auth_method ?? 'client_secret_post',
    pkce: options.connection_settings?.pkce !== 'disabled',
    set_user_root_attributes: options.set_user_root_attributes ?? 'on_each_login',
    trust_email_verified: options.trust_email_verified ?? strategy === 'github',
  }
}

export function validate(strategy: string) {
  return (values: ProviderValues) => ({
    client_id: values.client_id.trim() ? undefined : common.required,
    issuer: strategy === 'oidc' ? addressProblem(values.issuer) : undefined,
  })
}

/** What is wrong with the address of a provider, before the server is asked. */
export function addressProblem(typed: string): string | undefined {
  const address = typed.trim()
  if (address === '') return common.required
  if (/[{}]/.test(address)) return text.braces
  return /^https:\/\//i.test(address) && URL.canParse(address) ? undefined : text.https
}

/** The options that are stored. Those that the form does not show stay, and a secret that was not typed is left out. */
export function toOptions(
  strategy: string,
  values: ProviderValues,
  stored: ConnectionOptions,
): ConnectionOptions {
  const { issuer: _, discovery_url: __, ...others } = stored
  const shared = {
    ...others,
    client_id: values.client_id.trim(),
    set_user_root_attributes: values.set_user_root_attributes,
    trust_email_verified: values.trust_email_verified,
    ...(values.client_secret && { client_secret: values.client_secret }),
  }
  if (strategy !== 'oidc') return shared
  return {
    ...shared,
    ...addressOptions(values.issuer, stored),
    scope: values.scope.trim().split(/\s+/).join(' ') || usualScope,
    token_endpoint_auth_method: values.token_endpoint_auth_method,
    connection_settings: { ...stored.connection_settings, pkce: values.pkce ? 'auto' : 'disabled' },
  }
}

/** An issuer that is stored next to the address of the metadata stays as long as the address does. */
function addressOptions(typed: string, { issuer, discovery_url: url }: ConnectionOptions) {
  return url && typed.trim() === url
    ? { discovery_url: url, ...(issuer && { issuer }) }
    : addressOption(typed)
}

/** Whether the stored secret is lost with this change: it belongs to one application at one provider. */
export function losesSecret(values: ProviderValues, base: ProviderValues): boolean {
  const isSame = values.issuer.trim() === base.issuer && values.client_id.trim() === base.client_id
  return !isSame && values.client_secret === '' && needsSecret(values)
}

export const needsSecret = ({ token_endpoint_auth_method: method }: ProviderValues) =>
  method.startsWith('client_secret')
