import type { LazyMigration } from '@rolecall/contract'

export const sources = ['none', 'auth0', 'webhook'] as const

export interface MigrationValues {
  source: (typeof sources)[number]
  enabled: boolean
  domain: string
  realm: string
  clientId: string
  clientSecret: string
  managementClientId: string
  managementClientSecret: string
  url: string
  authorization: string
}

export const secrets = [
  'clientSecret',
  'managementClientSecret',
  'authorization',
] as const satisfies (keyof MigrationValues)[]

export const blankMigration: MigrationValues = {
  source: 'none',
  enabled: true,
  domain: '',
  realm: 'Username-Password-Authentication',
  clientId: '',
  clientSecret: '',
  managementClientId: '',
  managementClientSecret: '',
  url: '',
  authorization: '',
}

/** What the form shows of the stored settings. Secrets are not read. */
export function migrationValues(stored: LazyMigration | null | undefined): MigrationValues {
  if (!stored) return blankMigration
  const { source, enabled } = stored
  if (source === 'webhook') return { ...blankMigration, source, enabled, url: stored.url }
  const { domain, realm, client_id, management_client_id = '' } = stored
  return {
    ...blankMigration,
    source,
    enabled,
    domain,
    realm,
    clientId: client_id,
    managementClientId: management_client_id,
  }
}

/** The option that is stored. A secret that was not typed is left out, which keeps the stored one. */
export function migrationOf(values: MigrationValues): LazyMigration | undefined {
  const { source, enabled } = values
  if (source === 'none') return undefined
  if (source === 'webhook')
    return {
      source,
      enabled,
      url: values.url.trim(),
      ...(values.authorization && { authorization: values.authorization }),
    }
  const managementClientId = values.managementClientId.trim()
  return {
    source,
    enabled,
    domain: hostOf(values.domain),
    realm: values.realm.trim() || blankMigration.realm,
    client_id: values.clientId.trim(),
    ...(values.clientSecret && { client_secret: values.clientSecret }),
    ...(managementClientId && { management_client_id: managementClientId }),
    ...(values.managementClientSecret && { management_client_secret: values.managementClientSecret }),
  }
}

/** Of a domain that was pasted as an address. */
const hostOf = (typed: string) =>
  typed
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
