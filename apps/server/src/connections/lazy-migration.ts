import type { ConnectionOptions, LazyMigration, LazyMigrationState } from '@rolecall/contract'
import type { SealedColumn } from '../crypto/reseal.ts'
import type { Sealer } from '../crypto/sealer.ts'
import type { Connection } from './store.ts'

/** Credentials at another server: of a lazy migration, or the secret of the application at a provider. */
export interface MigrationSecrets {
  clientSecret?: string
  managementClientSecret?: string
  /** The header Authorization of a webhook. */
  authorization?: string
}

/** The settings without the credentials. */
type Settings<Source> = Source extends unknown
  ? Omit<Source, 'client_secret' | 'management_client_secret' | 'authorization'>
  : never
export type MigrationSettings = Settings<LazyMigration>

/**
 * The connection with these options, and with the credentials in them sealed. Callers cannot read credentials. So those
 * that are stored are kept for the server and the application that they were given for alone: a caller who changes the
 * address would receive them otherwise.
 */
export function sealMigrationSecrets(
  sealer: Sealer,
  before: Connection,
  given: ConnectionOptions,
): Connection {
  const { lazy_migration: input, ...options } = given
  const { migrationSecrets: _, ...connection } = before
  if (!input) return { ...connection, options }
  const [settings, secrets] = split(input, keptSecrets(sealer, before, input))
  return {
    ...connection,
    options: { ...options, lazy_migration: settings },
    ...(Object.keys(secrets).length > 0 && { migrationSecrets: sealedSecrets(sealer, before, secrets) }),
  }
}

/** Unchanged secrets keep their sealed form, so that saving them again is no change of the connection. */
export function sealedSecrets(sealer: Sealer, before: Connection, secrets: MigrationSecrets): string {
  const { id, migrationSecrets: sealed } = before
  const isUnchanged =
    sealed !== undefined && JSON.stringify(openMigrationSecrets(sealer, before)) === JSON.stringify(secrets)
  return isUnchanged ? sealed : sealer.seal(JSON.stringify(secrets), placeOf(id))
}

function split(input: LazyMigration, kept: MigrationSecrets): [MigrationSettings, MigrationSecrets] {
  if (input.source === 'webhook') {
    const { authorization, ...settings } = input
    return [settings, { ...chosen('authorization', authorization, kept) }]
  }
  const { client_secret, management_client_secret, ...settings } = input
  return [
    settings,
    {
      ...chosen('clientSecret', client_secret, kept),
      ...chosen('managementClientSecret', management_client_secret, kept),
    },
  ]
}

/** The given secret, or the one until now where none is given. null removes it. */
function chosen(name: keyof MigrationSecrets, given: string | null | undefined, kept: MigrationSecrets) {
  const secret = given === undefined ? kept[name] : given
  return typeof secret === 'string' ? { [name]: secret } : {}
}

function keptSecrets(sealer: Sealer, before: Connection, input: LazyMigration): MigrationSecrets {
  const known = before.options.lazy_migration
  const secrets = openMigrationSecrets(sealer, before)
  if (known?.source === 'webhook' && input.source === 'webhook') return keptForWebhook(secrets, known, input)
  if (known?.source === 'auth0' && input.source === 'auth0') return keptForAuth0(secrets, known, input)
  return {}
}

type Of<Source extends LazyMigration['source'], Input> = Extract<Input, { source: Source }>

function keptForWebhook(
  { authorization }: MigrationSecrets,
  known: Of<'webhook', MigrationSettings>,
  input: Of<'webhook', LazyMigration>,
): MigrationSecrets {
  return authorization !== undefined && originOf(known.url) === originOf(input.url) ? { authorization } : {}
}

/** Each secret belongs to one application of one tenant. */
function keptForAuth0(
  { clientSecret, managementClientSecret }: MigrationSecrets,
  known: Of<'auth0', MigrationSettings>,
  input: Of<'auth0', LazyMigration>,
): MigrationSecrets {
  if (known.domain !== input.domain) return {}
  return {
    ...(clientSecret !== undefined && known.client_id === input.client_id && { clientSecret }),
    ...(managementClientSecret !== undefined &&
      known.management_client_id === input.management_client_id && { managementClientSecret }),
  }
}

const originOf = (url: string) => new URL(url).origin

export function openMigrationSecrets(
  sealer: Sealer,
  { id, migrationSecrets }: Pick<Connection, 'id' | 'migrationSecrets'>,
): MigrationSecrets {
  if (migrationSecrets === undefined) return {}
  const secrets: MigrationSecrets = JSON.parse(sealer.open(migrationSecrets, placeOf(id)))
  return secrets
}

/** Which credentials are stored. */
export function migrationState(sealer: Sealer, connection: Connection): LazyMigrationState {
  const { clientSecret, managementClientSecret, authorization } = openMigrationSecrets(sealer, connection)
  return {
    has_client_secret: clientSecret !== undefined,
    has_management_client_secret: managementClientSecret !== undefined,
    has_authorization: authorization !== undefined,
  }
}

const placeOf = (id: string) => `connections/${id}/migration_secrets`

export const sealedMigrationSecrets: SealedColumn = {
  table: 'connections',
  key: ['id'],
  column: 'migration_secrets',
  contextOf: ({ id = '' }) => placeOf(id),
}
