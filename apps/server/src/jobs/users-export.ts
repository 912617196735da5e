import { createHmac } from 'node:crypto'
import type { UserFilter } from '@rolecall/contract'
import type { Context } from '../context.ts'
import { equalInConstantTime } from '../crypto/secrets.ts'
import type { Db } from '../store/store.ts'
import { linkedAccountsOf } from '../users/linked-accounts.ts'
import { listUsers, usersAfter } from '../users/lists.ts'
import type { User } from '../users/user.ts'
import { userFilterFromWire, userToWire } from '../users/wire.ts'
import type { Job } from './store.ts'

const linkLifetimeMs = 3_600_000
const rowsPerQuery = 500
const defaultFields = [
  'user_id',
  'email',
  'name',
  'nickname',
  'email_verified',
  'created_at',
  'updated_at',
  'logins_count',
  'last_login',
]

/**
 * The link to an export, valid for an hour. As in Auth0, the link itself is the credential. No file is stored: the users
 * are read while they are sent.
 */
export function exportLink(ctx: Pick<Context, 'config' | 'sealer' | 'clock'>, job: Job): string {
  const expires = ctx.clock() + linkLifetimeMs
  const url = new URL(`api/v2/rolecall/exports/${job.id}`, ctx.config.issuer)
  url.searchParams.set('expires', String(expires))
  url.searchParams.set('signature', signatureOf(ctx, job.id, expires))
  return url.href
}

/** Whether the signature is valid and the link has not expired. */
export function opensExport(
  ctx: Pick<Context, 'sealer' | 'clock'>,
  jobId: string,
  expires: number,
  signature: string,
): boolean {
  return equalInConstantTime(signature, signatureOf(ctx, jobId, expires)) && expires > ctx.clock()
}

function signatureOf({ sealer }: Pick<Context, 'sealer'>, jobId: string, expires: number): string {
  return createHmac('sha256', sealer.derive('users export links'))
    .update(`${jobId}.${expires}`)
    .digest('base64url')
}

/** The lines of an export: JSON objects, or CSV (RFC 4180) with a header line. */
export async function* exportLines(
  { store: { db }, config: { issuer } }: Pick<Context, 'store' | 'config'>,
  connection: string | undefined,
  { data }: Job,
): AsyncGenerator<string> {
  const fields = data.fields ?? defaultFields.map((name) => ({ name, exportAs: name }))
  const write = data.format === 'csv' ? csvLine : jsonLine
  const names = fields.map(({ exportAs }) => exportAs)
  if (data.format === 'csv') yield csvLine(names)
  let left = data.limit ?? Number.POSITIVE_INFINITY
  for await (const users of batches(db, connection, data.filter)) {
    const accounts = await linkedAccountsOf(db, users)
    for (const user of users.slice(0, left)) {
      const wire = userToWire(user, issuer, accounts)
      yield write(
        fields.map(({ name }) => valueAt(wire, name)),
        names,
      )
    }
    left -= users.length
    if (left <= 0) return
  }
}

/** All users of a connection by id, or those that a filter finds in the order of the list. */
async function* batches(
  db: Db,
  connection: string | undefined,
  filter: UserFilter | undefined,
): AsyncGenerator<User[]> {
  if (!filter) {
    let users: User[]
    for (let after: string | undefined; ; after = users.at(-1)?.userId) {
      users = await usersAfter(db, { connection, after, limit: rowsPerQuery })
      yield users
      if (users.length < rowsPerQuery) return
    }
  }
  const list = listUsers(db, {
    ...userFilterFromWire(filter),
    ...(connection !== undefined && { connection }),
  })
  const range = { offset: 0, limit: rowsPerQuery }
  let users = await list.slice(range)
  for (let last = users.at(-1); last; last = users.at(-1)) {
    yield users
    users = await list.slice({ ...range, after: list.cursor(last) })
  }
}

/** `user_metadata.plan.name`, along own members only. */
function valueAt(object: unknown, path: string): unknown {
  let value = object
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = Object.getOwnPropertyDescriptor(value, part)?.value
  }
  return value
}

function jsonLine(values: unknown[], names: string[]): string {
  return `${JSON.stringify(Object.fromEntries(names.map((name, index) => [name, values[index]])))}\n`
}

function csvLine(values: unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`
}

/** Prefixes an apostrophe to a cell that a spreadsheet would run as a formula (CWE-1236). */
function csvCell(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.]+$/.test(text) ? `'${text}` : text
  return `"${safe.replaceAll('"', '""')}"`
}
