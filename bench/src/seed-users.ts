/**
 * Many users with roles, written straight into the store by statements that both databases run. Numbers become texts of one
 * width, so that their order is that of the texts.
 */
import { type Db, fieldStart, type Store } from '@rolecall/server/test-kit'
import { type RawBuilder, sql } from 'kysely'

export const userIdOf = (n: number) => `auth0|${1_000_000_000_000 + n}`
export const emailOf = (n: number) => `user${10_000_000 + n}@example.test`

/** The number of one of the roles of a user, with `insertAssignments`. */
export const roleOfUser = (user: number, rolesPerUser: number, roles: number) =>
  (user * rolesPerUser * 331) % roles

export async function insertRoles(db: Db, roles: number): Promise<void> {
  await inSlices(roles, (numbers) =>
    sql`insert into roles (id, name, name_key, description, is_system, created_at, updated_at, search_text) ${numbers}
    select 'rol_' || cast(100000 + n as text), 'role ' || cast(100000 + n as text), 'role ' || cast(100000 + n as text),
      '', false, 0, 0, '${sql.raw(fieldStart)}role ' || cast(100000 + n as text) from numbers`.execute(db),
  )
}

export async function insertUsers(db: Db, users: number): Promise<void> {
  await inSlices(users, (numbers) =>
    sql`insert into users (user_id, connection, email, email_key, email_verified, name, name_key, nickname,
      nickname_key, picture, blocked, user_metadata, app_metadata, logins_count, created_at, updated_at, search_text) ${numbers}
    select 'auth0|' || cast(1000000000000 + n as text), 'Username-Password-Authentication',
      'user' || cast(10000000 + n as text) || '@example.test', 'user' || cast(10000000 + n as text) || '@example.test',
      true, 'Person ' || cast(10000000 + n as text), 'person ' || cast(10000000 + n as text), 'nick', 'nick', '', false,
      '{}', '{}', 0, 1700000000000 + n / 3, 0, '${sql.raw(fieldStart)}person ' || cast(10000000 + n as text) ||
      '${sql.raw(fieldStart)}user' || cast(10000000 + n as text) || '@example.test${sql.raw(fieldStart)}auth0|' ||
      cast(1000000000000 + n as text) from numbers`.execute(db),
  )
}

/** Roles of users, which `insertRoles` made. */
export async function insertAssignments(
  db: Db,
  { users, rolesPerUser, roles }: { users: number; rolesPerUser: number; roles: number },
): Promise<void> {
  await inSlices(users * rolesPerUser, (numbers) =>
    sql`insert into user_roles (user_id, role_id, assigned_at) ${numbers}
    select 'auth0|' || cast(1000000000000 + n / ${sql.lit(rolesPerUser)} as text),
      'rol_' || cast(100000 + (n * 331) % ${sql.lit(roles)} as text), 0 from numbers`.execute(db),
  )
}

/** PostgreSQL also analyzes automatically after some time. SQLite plans without statistics. */
export async function analyze({ kind, db }: Store): Promise<void> {
  if (kind === 'postgres') await sql`analyze`.execute(db)
}

/** Statements of bounded length: a store ends those that run for long. */
export async function inSlices(count: number, insert: (numbers: RawBuilder<unknown>) => Promise<unknown>) {
  const slice = 50_000
  for (let from = 0; from < count; from += slice) {
    const last = Math.min(from + slice, count) - 1
    await insert(
      sql`with recursive numbers(n) as (select ${sql.lit(from)} union all
        select n + 1 from numbers where n < ${sql.lit(last)})`,
    )
  }
}
