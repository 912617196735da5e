import {
  given,
  pictureUrl,
  type UserCreate,
  type UserUpdate,
  type User as WireUser,
  type UserFilter as WireUserFilter,
} from '@rolecall/contract'
import { invalidQuery } from '../http/api-error.ts'
import { parseLucene, SearchSyntaxError } from '../search/lucene.ts'
import { identitiesToWire, type LinkedAccounts } from './linked-accounts.ts'
import type { UserFilter } from './lists.ts'
import { isUserSort } from './order.ts'
import type { NewUser, User } from './user.ts'
import type { UserChanges } from './users.ts'

export function userToWire(user: User, issuer: string, accounts: LinkedAccounts = new Map()): WireUser {
  return {
    user_id: user.userId,
    email: user.email,
    email_verified: user.emailVerified,
    ...(user.username !== undefined && { username: user.username }),
    ...(user.phoneNumber !== undefined && { phone_number: user.phoneNumber }),
    name: user.name,
    nickname: user.nickname,
    picture: pictureUrl(issuer, user),
    ...(user.givenName !== undefined && { given_name: user.givenName }),
    ...(user.familyName !== undefined && { family_name: user.familyName }),
    created_at: iso(user.createdAt),
    updated_at: iso(user.updatedAt),
    identities: identitiesToWire(user, accounts),
    ...(Object.keys(user.userMetadata).length > 0 && { user_metadata: user.userMetadata }),
    ...(Object.keys(user.appMetadata).length > 0 && { app_metadata: user.appMetadata }),
    blocked: user.blocked,
    ...(user.lastIp !== undefined && { last_ip: user.lastIp }),
    ...(user.lastLogin !== undefined && { last_login: iso(user.lastLogin) }),
    ...(user.lastPasswordReset !== undefined && { last_password_reset: iso(user.lastPasswordReset) }),
    logins_count: user.loginsCount,
  }
}

/** Times are ISO 8601 on the wire, epoch milliseconds inside. */
export const iso = (time: number): string => new Date(time).toISOString()

export function userFromWire(body: UserCreate): NewUser {
  return {
    connection: body.connection,
    email: body.email,
    ...given('userId', body.user_id),
    ...given('username', body.username),
    ...given('phoneNumber', body.phone_number),
    ...given('givenName', body.given_name),
    ...given('familyName', body.family_name),
    ...given('name', body.name),
    ...given('nickname', body.nickname),
    ...given('picture', body.picture),
    ...given('blocked', body.blocked),
    ...given('emailVerified', body.email_verified),
    ...given('userMetadata', body.user_metadata),
    ...given('appMetadata', body.app_metadata),
  }
}

export function userChangesFromWire(body: UserUpdate): UserChanges {
  return {
    email: body.email,
    emailVerified: body.email_verified,
    blocked: body.blocked,
    username: body.username,
    phoneNumber: body.phone_number,
    givenName: body.given_name,
    familyName: body.family_name,
    name: body.name,
    nickname: body.nickname,
    picture: body.picture,
    userMetadata: body.user_metadata,
    appMetadata: body.app_metadata,
  }
}

/** Adjacent terms are alternatives, as in Lucene. */
const grammar = { adjacent: 'any', maxTerms: 64 } as const

/** @throws ApiError 400 for a query or an order that does not exist */
export function userFilterFromWire(query: WireUserFilter): UserFilter {
  const { q = '', connection, search, role, permission, resource_server } = query
  if ((permission === undefined) !== (resource_server === undefined))
    throw invalidQuery(`'A permission is named together with its resource_server' on property permission`)
  return {
    connection,
    search: mapSyntaxErrors(() => parseLucene(q, grammar)),
    text: search,
    roleId: role,
    permission:
      permission === undefined || resource_server === undefined
        ? undefined
        : { identifier: resource_server, permission },
    sort: sortFromWire(query.sort),
  }
}

function sortFromWire(sort: string | undefined): UserFilter['sort'] {
  if (sort === undefined) return undefined
  const [by = '', order] = sort.split(':')
  if (!isUserSort(by)) throw invalidQuery(`'Users cannot be sorted by ${by}' on property sort`)
  return { by, descending: order === '-1' }
}

/** A query is parsed before the list is read, and its fields are looked up while it is read. */
export function mapSyntaxErrors<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw cause instanceof SearchSyntaxError ? invalidQuery(`'${cause.message}' on property q`) : cause
  }
}
