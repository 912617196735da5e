import type { Generated } from 'kysely'

/**
 * The tables of the store, one interface each. The migrations create them.
 * Times are epoch milliseconds. `Json` columns hold serialised JSON (text, or jsonb in PostgreSQL) and `Flag`
 * columns 0/1 or booleans: read them through `fromJson` and `fromBool`. A table is named by its slice's `store.ts` alone.
 */
export interface Database {
  settings: SettingsTable
  apis: ApisTable
  permissions: PermissionsTable
  roles: RolesTable
  role_permissions: RolePermissionsTable
  connections: ConnectionsTable
  connection_applications: ConnectionApplicationsTable
  users: UsersTable
  passwords: PasswordsTable
  authentication_methods: AuthenticationMethodsTable
  recovery_codes: RecoveryCodesTable
  identities: IdentitiesTable
  identity_roles: IdentityRolesTable
  user_roles: UserRolesTable
  user_permissions: UserPermissionsTable
  applications: ApplicationsTable
  client_grants: ClientGrantsTable
  client_grant_permissions: ClientGrantPermissionsTable
  consents: ConsentsTable
  consent_scopes: ConsentScopesTable
  signing_keys: SigningKeysTable
  artifacts: ArtifactsTable
  sign_in_attempts: SignInAttemptsTable
  tickets: TicketsTable
  outbox: OutboxTable
  jobs: JobsTable
  job_errors: JobErrorsTable
  user_imports: UserImportsTable
  user_import_batches: UserImportBatchesTable
  logs: LogsTable
  log_targets: LogTargetsTable
  log_streams: LogStreamsTable
  log_stream_failures: LogStreamFailuresTable
  changes: ChangesTable
  mark_counter: MarkCounterTable
  marks: MarksTable
  audience_subjects: AudienceSubjectsTable
  secret_uses: SecretUsesTable
}

export type Json = unknown
export type Flag = unknown

/** Singletons: the tenant's settings under `tenant`, one-time facts such as the finished set-up. */
export interface SettingsTable {
  id: string
  data: Json
  updated_at: number
}

export interface ApisTable {
  id: string
  identifier: string
  name: string
  is_system: Flag
  signing_alg: string
  /** HS256 only, sealed with the key outside the database. */
  signing_secret: string | null
  token_lifetime: number
  token_lifetime_for_web: number
  allow_offline_access: Flag
  /** Null: not set, which means off. */
  enforce_policies: Flag
  token_dialect: string | null
  skip_consent: Flag
  /** Members that Auth0's tools send and expect back. No rule uses them. */
  extra: Json
  created_at: number
  updated_at: number
  search_text: string
}

export interface PermissionsTable {
  api_id: string
  value: string
  description: string
  /** The order of declaration. */
  position: number
}

export interface RolesTable {
  id: string
  name: string
  /** Canonical (`canonical.ts`), for the filter and the unique rule. Of a row that clashes: the name in lower case. */
  name_key: string
  /** The canonical name, where another row of an earlier version has it as its key. */
  name_clash: string | null
  description: string
  /** The owner's role: it always holds every management scope and cannot be edited or deleted. */
  is_system: Flag
  created_at: number
  updated_at: number
  search_text: string
}

export interface RolePermissionsTable {
  role_id: string
  api_id: string
  permission: string
}

export interface ConnectionsTable {
  id: string
  name: string
  strategy: string
  options: Json
  extra: Json
  /** Sealed; null without a lazy migration. */
  migration_secrets: string | null
  created_at: number
  updated_at: number
}

export interface ConnectionApplicationsTable {
  connection_id: string
  client_id: string
}

export interface UsersTable {
  user_id: string
  connection: string
  email: string
  /** Canonical (`canonical.ts`) and unique within its connection. Of a row that clashes: the address as stored. */
  email_key: string
  /** The canonical address, where another row of an earlier version has it as its key. */
  email_clash: string | null
  email_verified: Flag
  username: string | null
  /** Unique within its connection. Null where the name clashes. */
  username_key: string | null
  username_clash: string | null
  name: string
  /** Canonical for search, as every `…_key` here. */
  name_key: string
  nickname: string
  nickname_key: string
  picture: string
  given_name: string | null
  given_name_key: string | null
  family_name: string | null
  family_name_key: string | null
  phone_number: string | null
  blocked: Flag
  user_metadata: Json
  app_metadata: Json
  last_login: number | null
  last_ip: string | null
  last_password_reset: number | null
  logins_count: number
  created_at: number
  updated_at: number
  /** Whether the user has a second factor, so that a log-in without one reads no further row. */
  second_factor: Flag
  /** Grows with every change of the user's authentication methods. */
  factors_changed_at: number | null
  /** What a search looks into (`searchText`), as in roles, APIs and applications. */
  search_text: string
  /** In SQLite alone, where a trigger sets it: the number of the row in the text index. */
  search_id: Generated<number>
}

export interface PasswordsTable {
  user_id: string
  /** PHC string (algorithm, parameters, salt and hash), or JSON of an imported hash until its user signs in. */
  hash: string
  /** Algorithm and cost of an imported hash, such as `bcrypt 10`; null for the server's own. */
  scheme: string | null
  updated_at: number
}

/** A second factor, a passkey, or a set of recovery codes. */
export interface AuthenticationMethodsTable {
  id: string
  user_id: string
  type: 'totp' | 'webauthn' | 'passkey' | 'recovery'
  name: string
  /** The shared secret of `totp`, sealed with the key outside the database. */
  secret: string | null
  /** The last time step of `totp` whose code was accepted. */
  last_step: number | null
  /** Of `webauthn` and `passkey`, base64url; unique. */
  credential_id: string | null
  /** A COSE key, base64url. */
  public_key: string | null
  /** The authenticator's signature counter. */
  sign_count: number | null
  /** A list: how browsers reach the authenticator. */
  transports: Json
  created_at: number
  last_used_at: number | null
}

export interface RecoveryCodesTable {
  method_id: string
  /** SHA-256 of the code. */
  code_hash: string
  used_at: number | null
}

/** An account of a user at another provider. */
export interface IdentitiesTable {
  connection_id: string
  /** The provider's `sub`: unique in its connection, which has one issuer. */
  subject: string
  user_id: string
  /** The claims of the last log-in. */
  profile: Json
  created_at: number
  last_login: number | null
}

/** A role that the claims of an identity gave its user at the last log-in with it. */
export interface IdentityRolesTable {
  connection_id: string
  subject: string
  user_id: string
  role_id: string
}

/** What a user holds, whatever gives it: one table for each token that is issued. */
export interface UserRolesTable {
  user_id: string
  role_id: string
  assigned_at: number
  /** Whether it is assigned to the user. Otherwise rows of `identity_roles` give it. */
  direct: Generated<Flag>
}

export interface UserPermissionsTable {
  user_id: string
  api_id: string
  permission: string
  assigned_at: number
}

export interface ApplicationsTable {
  client_id: string
  name: string
  is_global: Flag
  is_system: Flag
  is_first_party: Flag
  app_type: string | null
  /** SHA-256 of the secret, base64url; the secret itself is shown once. */
  secret_hash: string | null
  /** Null for a secret of an earlier version. */
  secret_created_at: number | null
  /** The secret before the last rotation, if it is accepted for a while: `{ hash, createdAt, endsAt }`. */
  previous_secret: Json
  /** The whole object as Auth0's tools know it, without secrets. */
  data: Json
  /** Public keys for private_key_jwt (RFC 7523), a list. */
  credentials: Json
  created_at: number
  updated_at: number
  search_text: string
}

/** When a secret of an application was last used, to about a minute. */
export interface SecretUsesTable {
  client_id: string
  secret_hash: string
  used_at: number
}

export interface ClientGrantsTable {
  id: string
  client_id: string
  api_id: string
  subject_type: string
  is_system: Flag
  allow_all_scopes: Flag
  extra: Json
  created_at: number
  updated_at: number
}

export interface ClientGrantPermissionsTable {
  grant_id: string
  api_id: string
  permission: string
  position: number
}

/** What a user allowed an application on the consent page. */
export interface ConsentsTable {
  id: string
  user_id: string
  client_id: string
  /** Null: for no API, only the scopes of OpenID Connect. */
  api_id: string | null
  created_at: number
  updated_at: number
}

export interface ConsentScopesTable {
  consent_id: string
  scope: string
  /** Set when the scope is a permission of the API. The row is deleted with the permission. */
  api_id: string | null
}

export interface SigningKeysTable {
  kid: string
  /** `next` is published before it signs, `previous` still verifies. */
  state: 'current' | 'next' | 'previous' | 'revoked'
  alg: string
  /** Private JWK, sealed with the key outside the database. */
  sealed_jwk: string
  public_jwk: Json
  certificate: string
  pkcs7: string
  created_at: number
  current_since: number | null
  current_until: number | null
  revoked_at: number | null
}

/** State of the OAuth protocol between requests: sessions, grants, codes, refresh tokens, interactions. */
export interface ArtifactsTable {
  kind: string
  /** SHA-256 of the artifact's id: a copy of the database cannot be used to sign in. */
  id_hash: string
  /** The payload, sealed with the key outside the database. */
  payload: string
  grant_id: string | null
  uid: string | null
  user_code: string | null
  user_id: string | null
  client_id: string | null
  created_at: number
  expires_at: number | null
  consumed_at: number | null
}

/** Failed sign-ins by account and address, for throttling. */
export interface SignInAttemptsTable {
  key: string
  failures: number
  first_at: number
  last_at: number
  blocked_until: number | null
}

/** One-time links sent by mail. */
export interface TicketsTable {
  token_hash: string
  purpose: 'verify_email' | 'reset_password' | 'first_owner' | 'owner'
  user_id: string | null
  data: Json
  created_at: number
  expires_at: number
  used_at: number | null
}

/** Mail as it was composed, for tenants without SMTP settings. */
export interface OutboxTable {
  id: string
  recipient: string
  subject: string
  text: string
  html: string
  created_at: number
  sent_at: number | null
  attempts: number
  /** The time of the next attempt. Null when it was sent or given up, or when there is no mail server. */
  retry_at: number | null
  error: string | null
}

export interface JobsTable {
  id: string
  type: string
  status: string
  data: Json
  created_at: number
  finished_at: number | null
}

/** The refused records of an import: one row per batch with such records. */
export interface JobErrorsTable {
  job_id: string
  seq: number
  errors: Json
}

/** An active import. The row and its batches are deleted when the job ends. */
export interface UserImportsTable {
  job_id: string
  /** 1 or 2, because at most two imports run at the same time. */
  slot: number
  /** `uploading` or `ready`. */
  state: string
  data: Json
  /** The claim of the process that runs it, until the lease ends. */
  holder: string | null
  lease_until: number
}

export interface UserImportBatchesTable {
  job_id: string
  seq: number
  sealed: string
}

/** Which entries of the log are about an object. */
export interface LogTargetsTable {
  target_id: string
  log_id: string
}

export interface LogsTable {
  log_id: string
  date: number
  type: string
  client_id: string | null
  user_id: string | null
  user_name: string | null
  ip: string | null
  description: string
  data: Json
}

/** Where the log is sent to. */
export interface LogStreamsTable {
  id: string
  name: string
  status: 'active' | 'paused' | 'suspended'
  /** Filters, and what Auth0's tools send and expect back. */
  data: Json
  /** The webhook with its credentials, sealed with the key outside the database. */
  sink: string
  /** The id of the last log entry that needs no delivery any more. */
  position: string
  delivered_at: number | null
  /** Failed attempts of the delivery after `position`. */
  attempts: number
  failing_since: number | null
  retry_at: number | null
  error: string | null
  /** The claim of the server that delivers, until the lease ends. */
  holder: string | null
  lease_until: number
  created_at: number
}

/** Entries that a webhook refused. They are read from the log when they are sent again. */
export interface LogStreamFailuresTable {
  id: string
  stream_id: string
  first_log_id: string
  last_log_id: string
  entries: number
  error: string
  failed_at: number
  /** When somebody asked to send them again; null: not since the last attempt. */
  requested_at: number | null
}

export interface ChangesTable {
  seq: Generated<number>
  topic: string
  key: string
  at: number
}

/** One row. A transaction that writes marks updates it last, so that marks are numbered in the order of their commits. */
export interface MarkCounterTable {
  id: number
  /** Changes when the store was restored or copied: numbers of different epochs cannot be compared. */
  epoch: string
  /** The number of the last mark. */
  number: number
}

/** What tokens may have lost or gained. A mark concerns a token that matches every column that is not null. */
export interface MarksTable {
  number: number
  at: number
  effect: 'loss' | 'gain'
  reason: string
  subject: string | null
  application: string | null
  audience: string | null
  /** A list; null: any permission. */
  permissions: Json
}

/** Which subjects were issued a token for an API, to the day. */
export interface AudienceSubjectsTable {
  audience: string
  subject: string
  issued_at: number
}
