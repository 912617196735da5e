import type { Query } from '../api/management-api.ts'

const msPerDay = 86_400_000

export const userStatuses = ['active', 'unverified', 'blocked'] as const
export const logInTimes = ['recent', 'old', 'never'] as const
/** The days that `recent` and `old` speak of. */
export const recentDays = 30
export const oldDays = 90

/** As far as the server counts and pages what a text or a query finds. */
const maxFound = 1_000

/** The filters of the list of users, as the address has them. Empty: not set. */
export interface UserFilters {
  text: string
  role: string
  /** The identifier of the API of `permission`. */
  api: string
  permission: string
  /** The name of a connection. */
  connection: string
  status: string
  logIn: string
  /** A field and 1 or -1. */
  sort: string
}

export const noFilters: UserFilters = {
  text: '',
  role: '',
  api: '',
  permission: '',
  connection: '',
  status: '',
  logIn: '',
  sort: '',
}

export function userFiltersOf(search: URLSearchParams): UserFilters {
  const of = (name: string) => search.get(name) ?? ''
  return {
    text: of('q'),
    role: of('role'),
    api: of('api'),
    permission: of('permission'),
    connection: of('connection'),
    status: of('status'),
    logIn: of('login'),
    sort: of('sort'),
  }
}

/** @param now epoch milliseconds */
export function userListQuery(filters: UserFilters, now: number): Query {
  const { text, role, api, permission, connection, sort } = filters
  const hasPermission = api !== '' && permission !== ''
  return {
    search: text.trim() || undefined,
    role: role || undefined,
    permission: hasPermission ? permission : undefined,
    resource_server: hasPermission ? api : undefined,
    connection: connection || undefined,
    q: conditionOf(filters, now),
    sort: sort || 'email:1',
  }
}

/** The part of the filters that is a query of Lucene. */
function conditionOf({ status, logIn }: UserFilters, now: number): string | undefined {
  const statusQueries = new Map([
    ['active', 'blocked:false AND email_verified:true'],
    ['unverified', 'blocked:false AND email_verified:false'],
    ['blocked', 'blocked:true'],
  ])
  const since = (days: number) => new Date(now - days * msPerDay).toISOString().slice(0, 10)
  const logInQueries = new Map([
    ['recent', `last_login:[${since(recentDays)} TO *]`],
    ['old', `NOT last_login:[${since(oldDays)} TO *]`],
    ['never', 'NOT _exists_:last_login'],
  ])
  const parts = [statusQueries.get(status), logInQueries.get(logIn)].filter((part) => part !== undefined)
  return parts.length > 0 ? parts.join(' AND ') : undefined
}

/** How many users can be paged through. */
export const pageable = (query: Query, total: number): number =>
  query['q'] === undefined && query['search'] === undefined ? total : Math.min(total, maxFound)
