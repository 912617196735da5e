import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { type Condition, type Field, wordOf } from '../search/conditions.ts'

const maxDepth = 8

/** The search field for a path in a user's metadata, such as `app_metadata.plan`. Undefined if it is not searchable. */
export function metadataField(name: string, postgres: boolean): Field | undefined {
  const [column = '', ...path] = name.split('.')
  if (column !== 'user_metadata' && column !== 'app_metadata') return undefined
  if (path.length === 0 || path.length > maxDepth) return undefined
  // SQLite cannot quote these in a path.
  if (path.some((part) => part === '' || /["\\]/.test(part))) return undefined
  const place = postgres ? postgresPlace(column, path) : sqlitePlace(column, path)
  return (test, field) => (test.kind === 'exists' ? place.exists : place.holds(wordOf(test, field)))
}

/** Each database has its own JSON functions. A text, number or boolean matches by its text, an array by any element. */
interface Place {
  exists: Condition
  holds(text: string): Condition
}

function postgresPlace(column: string, path: readonly string[]): Place {
  // With a text on its right side, `->` reads members of objects only, as SQLite's paths do.
  const value = path.reduce<RawBuilder<unknown>>(
    (found, part) => sql`(${found} -> cast(${part} as text))`,
    sql.ref(column),
  )
  return {
    exists: sql<SqlBool>`jsonb_typeof(${value}) <> 'null'`,
    holds: (text) => sql<SqlBool>`exists (select 1 from jsonb_array_elements(
      case jsonb_typeof(${value}) when 'array' then ${value} else jsonb_build_array(${value}) end
    ) as member(value) where jsonb_typeof(member.value) not in ('object', 'array') and member.value #>> '{}' = ${text})`,
  }
}

function sqlitePlace(column: string, path: readonly string[]): Place {
  const ref = sql.ref(column)
  const jsonPath = `$${path.map((part) => `."${part}"`).join('')}`
  return {
    exists: sql<SqlBool>`json_type(${ref}, ${jsonPath}) <> 'null'`,
    // json_each also lists the members of an object.
    holds: (text) => sql<SqlBool>`json_type(${ref}, ${jsonPath}) <> 'object' and exists (
      select 1 from json_each(${ref}, ${jsonPath}) as member where member.type not in ('object', 'array') and
      case member.type when 'true' then 'true' when 'false' then 'false' else cast(member.value as text) end = ${text})`,
  }
}
