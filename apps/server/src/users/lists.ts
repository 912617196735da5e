import { type SelectQueryBuilder, sql } from 'kysely'
import type { Listing } from '../http/paging.ts'
import { msPerDay } from '../logs/store.ts'
import { holdersOfPermission, holdersOfRole } from '../roles/lists.ts'
import { type Condition, toCondition } from '../search/conditions.ts'
import type { Query } from '../search/lucene.ts'
import { hasTextIndex, prefixCondition, textCondition, textSearch } from '../search/text-search.ts'
import { emailKey } from '../store/canonical.ts'
import { isPostgres } from '../store/migrations/column-types.ts'
import type { Database } from '../store/schema.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { beyond, hitOrder, keyOf, numeric, type Order, orderOf, type UserOrder } from './order.ts'
import { indexFor, userFields } from './search.ts'
import { fromRow } from './store.ts'
import type { User } from './user.ts'

export interface UserFilter {
  connection?: string | undefined
  search?: Query | undefined
  /** Parts of names, addresses and ids. */
  text?: string | undefined
  /** Holders of this role. */
  roleId?: string | undefined
  /** Holders of this permission, directly or through a role. */
  permission?: { identifier: string; permission: string } | undefined
  /** Default: oldest first. */
  sort?: UserOrder | undefined
}

/** A search for text counts no further: a part of an address may match every user. */
const maxCounted = 1_000

/**
 * With a text and an order, SQLite sorts what the text index finds up to this number of users. Of more, a page is full
 * soon if the users are read in the requested order instead.
 */
const maxSorted = 2_000

/** @throws SearchSyntaxError if a field does not exist or does not take the value */
export function listUsers(db: Db, filter: UserFilter): Listing<User & Position> {
  const order = orderOf(db, filter)
  const direction = order.descending ? 'desc' : 'asc'
  const chosen = chosenUsers(db, filter, order)
  const hits = isSorted(db, filter) ? hitsOf(db, filter.text ?? '') : undefined
  return {
    async slice({ after, offset, limit }) {
      const areMany = hits !== undefined && (await countSome(db, hits, maxSorted)) === maxSorted
      // The inner query finds the ids on the page, if possible from an index alone; the outer one reads their rows.
      const page = (areMany ? chosenUsers(db, filter, order, false) : chosen)
        .select('users.user_id')
        .$if(after !== undefined, (query) => query.where(beyond(order, after ?? [])))
        .orderBy(order.key, direction)
        .$if(!order.isUnique, (query) => query.orderBy('users.user_id', direction))
        .offset(offset)
        .limit(limit)
      const rows = await db
        .selectFrom(page.as('page'))
        .crossJoin('users')
        .whereRef('users.user_id', '=', 'page.user_id')
        .selectAll('users')
        .orderBy(keyOf(order.column), direction)
        .orderBy('users.user_id', direction)
        .execute()
      return rows.map((row) => Object.assign(fromRow(row), { position: row[order.column] ?? 0 }))
    },
    count: () =>
      (filter.text ?? '').trim() === ''
        ? countRows(chosen)
        : countSome(db, hits ? chosenUsers(db, filter, hitOrder) : chosen, maxCounted),
    cursor: ({ position, userId }) => [position, userId],
    cursorTypes: [numeric.has(order.column) ? 'number' : 'string', 'string'],
  }
}

interface Position {
  /** The value of the sort column. */
  position: string | number
}

/** Counts users, not further than `limit`. */
const countSome = (db: Db, users: Chosen, limit: number) =>
  countRows(db.selectFrom(users.select('users.user_id').limit(limit).as('some')))

/** Whether SQLite finds users by text and sorts them. PostgreSQL has statistics to decide how. */
const isSorted = (db: Db, { text = '', sort }: UserFilter) =>
  sort !== undefined && !isPostgres(db) && textSearch(db, 'users', text) !== undefined

type Chosen = SelectQueryBuilder<Database, 'users', object>

/** @param fromIndex whether the text index limits which users are read */
function chosenUsers(db: Db, filter: UserFilter, order: Order, fromIndex = true): Chosen {
  const { connection, search, text = '', roleId, permission } = filter
  const isHit = order.column === 'search_id'
  let chosen = isHit ? hitsOf(db, text) : db.selectFrom('users')
  const found = isHit ? undefined : conditionOf(db, text, fromIndex)
  if (found) chosen = chosen.where(found)
  if (connection !== undefined) chosen = chosen.where('users.connection', '=', connection)
  if (roleId !== undefined) chosen = chosen.where('users.user_id', 'in', holdersOfRole(db, roleId))
  if (permission) chosen = chosen.where('users.user_id', 'in', holdersOfPermission(db, permission))
  if (search) {
    const fields = userFields(isPostgres(db), indexFor(search) !== undefined)
    chosen = chosen.where(toCondition(search, fields))
  }
  return chosen
}

function conditionOf(db: Db, text: string, fromIndex: boolean): Condition | undefined {
  if (!hasTextIndex(db)) return prefixCondition(prefixColumns, text)
  return fromIndex ? textCondition(db, 'users', text) : textSearch(db, 'users', text)?.condition
}

const prefixColumns = ['name_key', 'email_key', 'username_key', 'user_id'].map((column) =>
  sql.ref(`users.${column}`),
)

/**
 * The users that SQLite's text index finds, read from it one by one in the order of its rows, which is that of their
 * creation. A page costs what it shows, also for a text that a million users have.
 */
function hitsOf(db: Db, text: string): Chosen {
  const found = textSearch(db, 'users', text)
  return db
    .selectFrom(sql<object>`users_search`.as('hit'))
    .crossJoin('users')
    .where(sql<boolean>`hit.users_search match ${found?.match ?? ''}`)
    .where(sql<boolean>`users.search_id = hit.rowid`)
    .where(found?.condition ?? sql<boolean>`true`)
}

/** By address in any spelling, in all connections. Finds all accounts whose addresses clash. */
export async function findUsersByEmail(db: Db, email: string): Promise<User[]> {
  const key = emailKey(email)
  const rows = await db
    .selectFrom('users')
    .selectAll()
    .where((eb) => eb.or([eb('email_key', '=', key), eb('email_clash', '=', key)]))
    .orderBy('connection')
    .orderBy('created_at')
    .execute()
  return rows.map(fromRow)
}

/** How many users signed in at `since` or later. */
export async function countActiveUsers(db: Db, since: number): Promise<number> {
  const { total } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll().as('total'))
    .where('last_login', '>=', since)
    .executeTakeFirstOrThrow()
  return Number(total)
}

export function countUsers(db: Db): Promise<number> {
  return countRows(db.selectFrom('users'))
}

/** Counts the users created since a day, by day (since 1970, in UTC). */
export async function countNewUsers(db: Db, fromDay: number): Promise<{ day: number; count: number }[]> {
  // Integers divide without a remainder in both databases.
  const day = sql<number>`created_at / ${sql.lit(msPerDay)}`
  const rows = await db
    .selectFrom('users')
    .select((eb) => [day.as('day'), eb.fn.countAll().as('count')])
    .where('created_at', '>=', fromDay * msPerDay)
    .groupBy(day)
    .execute()
  return rows.map((row) => ({ day: row.day, count: Number(row.count) }))
}

/** Whether the connection has users. */
export async function hasUsers(db: Db, connection: string): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('user_id')
    .where('connection', '=', connection)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** A batch of users in the order of their ids, after the id `after`. */
export async function usersAfter(
  db: Db,
  page: { connection: string | undefined; after: string | undefined; limit: number },
): Promise<User[]> {
  const { connection, after, limit } = page
  const rows = await db
    .selectFrom('users')
    .selectAll()
    .$if(connection !== undefined, (query) => query.where('connection', '=', connection ?? ''))
    .$if(after !== undefined, (query) => query.where('user_id', '>', after ?? ''))
    .orderBy('user_id')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** The password hashes of users, by their ids. */
export async function passwordHashesOf(db: Db, userIds: readonly string[]): Promise<Map<string, string>> {
  if (userIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('passwords')
    .select(['user_id', 'hash'])
    .where('user_id', 'in', userIds)
    .execute()
  return new Map(rows.map(({ user_id, hash }) => [user_id, hash]))
}

/**
 * Two users of one connection whose addresses or user names are spellings of one name. Only an earlier version could
 * write such rows: the unique indexes refuse new ones. An administrator resolves the clash by renaming or deleting one.
 */
export interface UserClash {
  property: 'email' | 'username'
  connection: string
  /** The user whose name is missing from the unique index. */
  user: NamedUser
  /** The user whose name is in the unique index. */
  holder: NamedUser
}

interface NamedUser {
  userId: string
  name: string
}

export async function listUserClashes(db: Db, limit: number): Promise<UserClash[]> {
  const found = await Promise.all(
    (['email', 'username'] as const).map(async (property) => {
      const rows = await db
        .selectFrom('users as clash')
        .innerJoin('users as holder', (join) =>
          join
            .onRef(`holder.${property}_key`, '=', `clash.${property}_clash`)
            .onRef('holder.connection', '=', 'clash.connection'),
        )
        .where(`clash.${property}_clash`, 'is not', null)
        .select([
          'clash.user_id as userId',
          `clash.${property} as name`,
          'clash.connection as connection',
          'holder.user_id as holderId',
          `holder.${property} as holderName`,
        ])
        .orderBy('clash.user_id')
        .limit(limit)
        .execute()
      return rows.map(({ connection, userId, name, holderId, holderName }) => ({
        property,
        connection,
        user: { userId, name: name ?? '' },
        holder: { userId: holderId, name: holderName ?? '' },
      }))
    }),
  )
  return found.flat().slice(0, limit)
}

const maxSchemes = 50

/** The schemes of imported hashes in a connection, in a stable order, with an example of each. */
export async function listImportedSchemes(
  db: Db,
  connection: string,
): Promise<{ hash: string; count: number }[]> {
  const rows = await db
    .selectFrom('passwords')
    .crossJoin('users')
    .whereRef('users.user_id', '=', 'passwords.user_id')
    .select((eb) => [eb.fn.min('passwords.hash').as('hash'), eb.fn.countAll().as('count')])
    .where('passwords.scheme', 'is not', null)
    .where('users.connection', '=', connection)
    .groupBy('passwords.scheme')
    .orderBy('passwords.scheme')
    .limit(maxSchemes)
    .execute()
  return rows.map(({ hash, count }) => ({ hash, count: Number(count) }))
}

export async function countUsersOf(db: Db, connection: string): Promise<number> {
  const { count } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('connection', '=', connection)
    .executeTakeFirstOrThrow()
  return Number(count)
}
