import { type Kysely, sql } from 'kysely'
import { emailKey, nameKey } from '../canonical.ts'
import { columnTypes, isPostgres } from './column-types.ts'

/** What this migration reads and writes, as it was at its time. */
type Tables = {
  users: UserRow & { created_at: number }
  roles: { id: string; name: string; name_key: string; name_clash: string | null; created_at: number }
}

interface UserRow {
  user_id: string
  connection: string
  email: string
  email_key: string
  email_clash: string | null
  username: string | null
  username_key: string | null
  username_clash: string | null
  name: string
  name_key: string
  nickname: string
  nickname_key: string
  given_name: string | null
  given_name_key: string | null
  family_name: string | null
  family_name_key: string | null
}

/** Few enough for one statement's parameters (SQLite takes 32,766), and for memory whatever the metadata of users. */
const batchSize = 1_000

/**
 * Gives every row the canonical keys of `canonical.ts`. Rows whose keys clash stay: the one whose old key is canonical
 * keeps it, else the oldest gets it. The others keep their old keys and name the canonical one in `…_clash`.
 */
export async function addCanonicalKeys(untyped: Kysely<unknown>): Promise<void> {
  const { id } = columnTypes(untyped)
  const { schema } = untyped
  for (const column of ['email_clash', 'username_key', 'username_clash'])
    await schema.alterTable('users').addColumn(column, id).execute()
  await schema.alterTable('roles').addColumn('name_clash', id).execute()
  await schema
    .createIndex('users_username_key')
    .unique()
    .on('users')
    .columns(['username_key', 'connection'])
    .where(sql.ref('username_key'), 'is not', null)
    .execute()
  for (const [table, column] of [
    ['users', 'email_clash'],
    ['users', 'username_clash'],
    ['roles', 'name_clash'],
  ] as const)
    await schema
      .createIndex(`${table}_by_${column}`)
      .on(table)
      .columns([column])
      .where(sql.ref(column), 'is not', null)
      .execute()

  const db = untyped.withTables<Tables>()
  await convertRoles(db)
  await convertUsers(db)
}

async function convertRoles(db: Kysely<Tables>): Promise<void> {
  const roles = await db.selectFrom('roles').selectAll().orderBy('created_at').orderBy('id').execute()
  const taken = new Set(roles.map((role) => role.name_key))
  for (const role of roles) {
    const key = nameKey(role.name)
    if (key === role.name_key) continue
    const change = taken.has(key) ? { name_clash: key } : { name_key: key }
    taken.add(key)
    await db.updateTable('roles').set(change).where('id', '=', role.id).execute()
  }
}

/** In batches, the oldest users first. Most rows have their canonical keys already and are only read. */
async function convertUsers(db: Kysely<Tables>): Promise<void> {
  // PostgreSQL does not know that each batch is a small part of the table, and would read all of it for each.
  const plans = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']
  const allowPlans = async (value: 'on' | 'off') => {
    if (isPostgres(db))
      for (const plan of plans) await sql`set local ${sql.raw(`${plan} = ${value}`)}`.execute(db)
  }
  await allowPlans('off')
  await convertInBatches(db)
  await allowPlans('on')
}

async function convertInBatches(db: Kysely<Tables>): Promise<void> {
  let after = { created_at: -1, user_id: '' }
  for (;;) {
    const rows = await db
      .selectFrom('users')
      .select(['user_id', 'connection', 'email', 'email_key', 'username', 'name', 'name_key', 'nickname'])
      .select([
        'nickname_key',
        'given_name',
        'given_name_key',
        'family_name',
        'family_name_key',
        'created_at',
      ])
      .where(sql<boolean>`(created_at, user_id) > (${after.created_at}, ${after.user_id})`)
      .orderBy('created_at')
      .orderBy('user_id')
      .limit(batchSize)
      .execute()
    const last = rows.at(-1)
    if (!last) return
    after = last
    const changed = rows
      .map((row) => ({ ...row, ...keysOf(row) }))
      .filter((row, index) => isChanged(row, rows[index]))
    if (changed.length > 0) await writeKeys(db, await settleClashes(db, changed))
  }
}

const keysOf = (
  row: Pick<UserRow, 'email' | 'username' | 'name' | 'nickname' | 'given_name' | 'family_name'>,
) => ({
  canonical_email: emailKey(row.email),
  username_key: keyOrNull(row.username),
  name_key: nameKey(row.name),
  nickname_key: nameKey(row.nickname),
  given_name_key: keyOrNull(row.given_name),
  family_name_key: keyOrNull(row.family_name),
})

const keyOrNull = (name: string | null) => (name === null ? null : nameKey(name))

type Converted = ReturnType<typeof keysOf> & { user_id: string; connection: string; email_key: string }
type Old = Pick<UserRow, 'email_key' | 'name_key' | 'nickname_key' | 'given_name_key' | 'family_name_key'>

const isChanged = (row: Converted, old: Old | undefined) =>
  row.username_key !== null ||
  row.canonical_email !== old?.email_key ||
  row.name_key !== old.name_key ||
  row.nickname_key !== old.nickname_key ||
  row.given_name_key !== old.given_name_key ||
  row.family_name_key !== old.family_name_key

/** Decides for each row of a batch, in order, whether it gets its canonical address and user name. */
async function settleClashes(db: Kysely<Tables>, rows: Converted[]) {
  const moved = rows.filter((row) => row.canonical_email !== row.email_key)
  const emails = await takenKeys(
    db,
    'email_key',
    moved.map((row) => row.canonical_email),
  )
  const usernames = await takenKeys(
    db,
    'username_key',
    rows.flatMap((row) => row.username_key ?? []),
  )
  return rows.map((row) => {
    const { connection, canonical_email, username_key } = row
    const hasEmail = row.email_key === canonical_email || take(emails, connection, canonical_email)
    const hasUsername = username_key === null || take(usernames, connection, username_key)
    return {
      ...row,
      email_key: hasEmail ? canonical_email : row.email_key,
      email_clash: hasEmail ? null : canonical_email,
      username_key: hasUsername ? username_key : null,
      username_clash: hasUsername ? null : username_key,
    }
  })
}

async function takenKeys(db: Kysely<Tables>, column: 'email_key' | 'username_key', keys: string[]) {
  if (keys.length === 0) return new Set<string>()
  const rows = await db.selectFrom('users').select(['connection', column]).where(column, 'in', keys).execute()
  return new Set(rows.map((row) => placeOf(row.connection, row[column] ?? '')))
}

function take(taken: Set<string>, connection: string, key: string): boolean {
  const place = placeOf(connection, key)
  if (taken.has(place)) return false
  taken.add(place)
  return true
}

const placeOf = (connection: string, key: string) => JSON.stringify([connection, key])

const columns = [
  'email_key',
  'email_clash',
  'username_key',
  'username_clash',
  'name_key',
  'nickname_key',
  'given_name_key',
  'family_name_key',
] as const

/** One statement for the batch. `column1`, `column2`, … are the names that both databases give to VALUES. */
async function writeKeys(
  db: Kysely<Tables>,
  rows: (Pick<UserRow, (typeof columns)[number]> & { user_id: string })[],
): Promise<void> {
  const values = rows.map((row) => sql`(${sql.join([row.user_id, ...columns.map((column) => row[column])])})`)
  const assignments = columns.map(
    (column, index) => sql`${sql.ref(column)} = ${sql.ref(`fresh.column${index + 2}`)}`,
  )
  await sql`update users set ${sql.join(assignments)}
    from (values ${sql.join(values)}) as fresh where users.user_id = fresh.column1`.execute(db)
}
