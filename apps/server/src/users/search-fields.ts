/** What the user search can ask for, by its name on the wire. */
export type SearchField =
  /** `fold`: a column of canonical keys, and what kind of text they are. */
  | { kind: 'text'; column: TextColumn; fold?: Fold }
  | { kind: 'flag'; column: 'blocked' | 'email_verified' }
  | { kind: 'number'; column: 'logins_count' }
  | { kind: 'time'; column: 'created_at' | 'updated_at' | 'last_login' | 'last_password_reset' }
  /** The part of the address behind the at sign. */
  | { kind: 'domain' }
  /** The id without the prefix of its provider. */
  | { kind: 'localId' }
  /** A value every user has. */
  | { kind: 'constant'; value: string }
  | { kind: 'metadata'; column: 'user_metadata' | 'app_metadata'; path: string[] }

export type Fold = 'email' | 'domain' | 'name'

export type TextColumn =
  | 'user_id'
  | 'connection'
  | 'email_key'
  | 'name_key'
  | 'nickname_key'
  | 'given_name_key'
  | 'family_name_key'
  | 'username'
  | 'phone_number'
  | 'last_ip'
  | 'picture'

const fields: Record<string, SearchField> = {
  user_id: { kind: 'text', column: 'user_id' },
  email: { kind: 'text', column: 'email_key', fold: 'email' },
  'email.domain': { kind: 'domain' },
  email_verified: { kind: 'flag', column: 'email_verified' },
  name: { kind: 'text', column: 'name_key', fold: 'name' },
  nickname: { kind: 'text', column: 'nickname_key', fold: 'name' },
  given_name: { kind: 'text', column: 'given_name_key', fold: 'name' },
  family_name: { kind: 'text', column: 'family_name_key', fold: 'name' },
  username: { kind: 'text', column: 'username' },
  phone_number: { kind: 'text', column: 'phone_number' },
  picture: { kind: 'text', column: 'picture' },
  blocked: { kind: 'flag', column: 'blocked' },
  logins_count: { kind: 'number', column: 'logins_count' },
  created_at: { kind: 'time', column: 'created_at' },
  updated_at: { kind: 'time', column: 'updated_at' },
  last_login: { kind: 'time', column: 'last_login' },
  last_password_reset: { kind: 'time', column: 'last_password_reset' },
  last_ip: { kind: 'text', column: 'last_ip' },
  'identities.connection': { kind: 'text', column: 'connection' },
  'identities.provider': { kind: 'constant', value: 'auth0' },
  'identities.user_id': { kind: 'localId' },
}

/** Columns that compare byte by byte in both databases: a prefix of theirs is a range. */
export const bytewise: ReadonlySet<TextColumn> = new Set<TextColumn>([
  'user_id',
  'connection',
  'email_key',
  'name_key',
  'nickname_key',
  'given_name_key',
  'family_name_key',
])

/** Where a term without a field name is looked for. */
export const bareTermColumns: readonly TextColumn[] = [
  'email_key',
  'name_key',
  'nickname_key',
  'given_name_key',
  'family_name_key',
]

const deepestPath = 8

/** Undefined for a name that cannot be asked for. */
export function searchField(name: string): SearchField | undefined {
  if (Object.hasOwn(fields, name)) return fields[name]
  const [column, ...path] = name.split('.')
  if (column !== 'user_metadata' && column !== 'app_metadata') return undefined
  if (path.length === 0 || path.length > deepestPath) return undefined
  if (path.some((part) => part === '' || part.includes('"'))) return undefined
  return { kind: 'metadata', column, path }
}
