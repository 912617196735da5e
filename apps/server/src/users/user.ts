import { createHash } from 'node:crypto'

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
  /** A URL. Neither the server nor its pages load it. */
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
  createdAt: number
  updatedAt: number
}

type Profile = Omit<User, 'userId' | 'connection' | 'email' | 'createdAt' | 'updatedAt' | 'loginsCount'>

export interface NewUser extends Partial<Profile> {
  connection: string
  email: string
  /** With or without the `auth0|` prefix; absent, 24 random hexadecimal digits. */
  userId?: string
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

/** Auth0's default: a picture at Gravatar, and two letters as its fallback. */
export function defaultPicture(email: string): string {
  const digest = createHash('md5').update(email).digest('hex')
  const fallback = `https://cdn.auth0.com/avatars/${encodeURIComponent(Array.from(email).slice(0, 2).join(''))}.png`
  return `https://s.gravatar.com/avatar/${digest}?s=480&r=pg&d=${encodeURIComponent(fallback)}`
}
