import { type Kysely, sql } from 'kysely'
import { emailKey } from '../canonical.ts'
import { searchText } from '../search-text.ts'
import { isPostgres } from './column-types.ts'

/** What this migration reads, as it was at its time. */
type Tables = {
  users: {
    user_id: string
    email: string
    username: string | null
    name: string
    nickname: string
    given_name: string | null
    family_name: string | null
    created_at: number
  }
  roles: { id: string; name: string; created_at: number }
  apis: { id: string; identifier: string; name: string; created_at: number }
  applications: { client_id: string; name: string; created_at: number }
}

/** The tables that are searched, with their primary keys. */
const searched = { users: 'user_id', roles: 'id', apis: 'id', applications: 'client_id' } as const
type Searched = keyof typeof searched

const batchSize = 1_000

/**
 * `search_text` holds what a search looks into. PostgreSQL indexes the column itself, as soon as it has pg_trgm
 * (`postgres/text-index.ts`). SQLite has a table of FTS5 for it, whose rows `search_id` numbers: the numbers of rows
 * without an integer key may change in VACUUM.
 */
export async function up(untyped: Kysely<unknown>): Promise<void> {
  const db = untyped.withTables<Tables>()
  const postgres = isPostgres(db)
  for (const table of Object.keys(searched)) {
    await db.schema
      .alterTable(table)
      .addColumn('search_text', 'text', (c) => c.notNull().defaultTo(''))
      .execute()
    if (!postgres) await db.schema.alterTable(table).addColumn('search_id', 'integer').execute()
  }
  if (postgres) await withIndexPlans(db, () => fill(db))
  else {
    await fill(db)
    for (const [table, key] of Object.entries(searched)) await createTextIndex(db, table, key)
  }
  await indexFilters(untyped)
}

async function fill(db: Kysely<Tables>): Promise<void> {
  const write = writer(db)
  const roles = await db.selectFrom('roles').selectAll().orderBy('created_at').orderBy('id').execute()
  await write(
    'roles',
    roles.map((role) => [role.id, searchText(role.name, role.id)]),
  )
  const apis = await db.selectFrom('apis').selectAll().orderBy('created_at').orderBy('id').execute()
  await write(
    'apis',
    apis.map((api) => [api.id, searchText(api.name, api.identifier, api.id)]),
  )
  const applications = await db
    .selectFrom('applications')
    .select(['client_id', 'name'])
    .orderBy('created_at')
    .orderBy('client_id')
    .execute()
  await write(
    'applications',
    applications.map((one) => [one.client_id, searchText(one.name, one.client_id)]),
  )
  for await (const users of usersInBatches(db))
    await write(
      'users',
      users.map((user) => [
        user.user_id,
        searchText(
          user.name,
          emailKey(user.email),
          user.username,
          user.nickname,
          user.given_name,
          user.family_name,
          user.user_id,
        ),
      ]),
    )
}

async function* usersInBatches(db: Kysely<Tables>) {
  let after = { created_at: -1, user_id: '' }
  for (;;) {
    const rows = await db
      .selectFrom('users')
      .select(['user_id', 'email', 'username', 'name', 'nickname', 'given_name', 'family_name', 'created_at'])
      .where(sql<boolean>`(created_at, user_id) > (${after.created_at}, ${after.user_id})`)
      .orderBy('created_at')
      .orderBy('user_id')
      .limit(batchSize)
      .execute()
    const last = rows.at(-1)
    if (!last) return
    after = last
    yield rows
  }
}

/** Writes the texts, and in SQLite the numbers of the rows, in the order of the calls. */
function writer(db: Kysely<Tables>) {
  let searchId = 0
  return async (table: Searched, texts: (readonly [id: string, text: string])[]): Promise<void> => {
    for (let start = 0; start < texts.length; start += batchSize) {
      const some = texts.slice(start, start + batchSize)
      const rows = some.map(([id, text]) => sql`(${id}, ${text}, ${sql.lit(++searchId)})`)
      const number = isPostgres(db) ? sql`` : sql`, search_id = fresh.column3`
      await sql`update ${sql.table(table)} set search_text = fresh.column2${number}
        from (values ${sql.join(rows)}) as fresh
        where ${sql.ref(`${table}.${searched[table]}`)} = fresh.column1`.execute(db)
    }
  }
}

/** Triggers keep the index, so that no statement that writes the table has to know of it. */
async function createTextIndex(db: Kysely<Tables>, table: string, key: string): Promise<void> {
  const [rows, index, row] = [sql.table(table), sql.table(`${table}_search`), sql.ref(key)]
  await db.schema.createIndex(`${table}_by_search_id`).unique().on(table).column('search_id').execute()
  // Without the texts and their positions the index has a third of the size. A query compares `search_text` itself.
  await sql`create virtual table ${index} using fts5(
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
  )`.execute(db)
  await sql`insert into ${index} (rowid, text) select search_id, search_text from ${rows} order by search_id`.execute(
    db,
  )
  await sql`create trigger ${sql.ref(`${table}_search_insert`)} after insert on ${rows} begin
    insert into ${index} (text) values (new.search_text);
    update ${rows} set search_id = last_insert_rowid() where ${row} = new.${row};
  end`.execute(db)
  await sql`create trigger ${sql.ref(`${table}_search_update`)} after update of search_text on ${rows}
    when old.search_text <> new.search_text begin
    delete from ${index} where rowid = old.search_id;
    insert into ${index} (rowid, text) values (old.search_id, new.search_text);
  end`.execute(db)
  await sql`create trigger ${sql.ref(`${table}_search_delete`)} after delete on ${rows} begin
    delete from ${index} where rowid = old.search_id;
  end`.execute(db)
}

/** PostgreSQL does not know that each batch is a small part of the table, and would read all of it for each. */
async function withIndexPlans(db: Kysely<Tables>, work: () => Promise<void>): Promise<void> {
  const plans = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']
  for (const plan of plans) await sql`set local ${sql.raw(plan)} = off`.execute(db)
  await work()
  for (const plan of plans) await sql`set local ${sql.raw(plan)} = on`.execute(db)
}

/** For the filters of the list of users, in the order in which it is shown, and for the order of the last log-in. */
async function indexFilters(untyped: Kysely<unknown>): Promise<void> {
  const { schema } = untyped
  for (const column of ['connection', 'blocked', 'email_verified'])
    await schema
      .createIndex(`users_by_${column}`)
      .on('users')
      .columns([column, 'created_at', 'user_id'])
      .execute()
  await sql`create index users_by_latest_login on users (coalesce(last_login, 0), user_id)`.execute(untyped)
}
