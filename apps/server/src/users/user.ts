export interface User {
  /** `auth0|<24 hex>`: the `sub` of the user's tokens. */
  userId: string
  /** Name of the connection that the user signs in with. */
  connection: string
  /** In lower case, otherwise as typed. */
  email: string
  emailVerified: boolean
  username?: string
  name: string
  nickname: string
  /** A URL, which neither the server nor its pages load. Empty for the default, which `pictureUrl` of the contract gives. */
  picture: string
  givenName?: string
  familyName?: string
  phoneNumber?: string
  blocked: boolean
  userMetadata: Record<string, unknown>
  appMetadata: Record<string, unknown>
  /** Epoch milliseconds, as all times of a user. */
  lastLogin?: number
  lastIp?: string
  lastPasswordReset?: number
  loginsCount: number
  /** Whether the user has a second factor to be asked for. Passkeys and recovery codes do not count. */
  secondFactor: boolean
  /** Grows with each change of the user's authentication methods. */
  factorsChangedAt?: number
  createdAt: number
  updatedAt: number
}

type Profile = Omit<
  User,
  | 'userId'
  | 'connection'
  | 'email'
  | 'createdAt'
  | 'updatedAt'
  | 'loginsCount'
  | 'secondFactor'
  | 'factorsChangedAt'
>

export interface NewUser extends Partial<Profile> {
  connection: string
  email: string
  /** With or without the `auth0|` prefix; absent, 24 random hexadecimal digits. */
  userId?: string
  /** Instead of `userId`: the whole id, of a user who logs in at another provider. */
  providerUserId?: string
  /** Without a hash the user cannot sign in until they reset the password. */
  passwordHash?: string
  /** The algorithm and cost of an imported hash. */
  passwordScheme?: string
}

const prefix = 'auth0|'

/** The id without its prefix, as in `identities` and the response to a sign-up. */
export function localId(userId: string): string {
  return userId.startsWith(prefix) ? userId.slice(prefix.length) : userId
}

/** The stored id, from an id with or without its prefix. */
export function prefixedId(userId: string): string {
  return prefix + localId(userId)
}

/** The local part of an address. */
export function defaultNickname(email: string): string {
  return email.slice(0, email.lastIndexOf('@'))
}
