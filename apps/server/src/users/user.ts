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
  /** An address, never fetched by the server or its pages. */
  picture: string
  givenName?: string
  familyName?: string
  phoneNumber?: string
  blocked: boolean
  userMetadata: Record<string, unknown>
  appMetadata: Record<string, unknown>
  /** Epoch milliseconds, as all times here. */
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
  /** As it is stored; without one the user cannot sign in with a password until they reset it. */
  passwordHash?: string
  /** Of an imported hash: its algorithm and cost. */
  passwordScheme?: string
}

const prefix = 'auth0|'

/** The id without its prefix, as `identities` and the sign-up answer carry it. */
export function localId(userId: string): string {
  return userId.startsWith(prefix) ? userId.slice(prefix.length) : userId
}

/** The id that a user is stored under, given with or without its prefix. */
export function prefixedId(userId: string): string {
  return prefix + localId(userId)
}

/** The local part of an address. */
export function defaultNickname(email: string): string {
  return email.slice(0, email.lastIndexOf('@'))
}

/** The address of a picture at Gravatar, with two letters as its fallback. A value on the wire: nothing here loads it. */
export function defaultPicture(email: string): string {
  const digest = createHash('md5').update(email).digest('hex')
  const fallback = `https://cdn.auth0.com/avatars/${encodeURIComponent(Array.from(email).slice(0, 2).join(''))}.png`
  return `https://s.gravatar.com/avatar/${digest}?s=480&r=pg&d=${encodeURIComponent(fallback)}`
}
