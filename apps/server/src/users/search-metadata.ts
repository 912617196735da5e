import { type Expression, type SqlBool, sql } from 'kysely'

/** A place in a user's metadata. Its names are bound, like every value. */
export interface MetadataPath {
  column: 'user_metadata' | 'app_metadata'
  path: string[]
}

/** Whether the value there, or one of a list there, reads like this text. The two databases read JSON differently. */
export function metadataHolds(
  { column, path }: MetadataPath,
  text: string,
  postgres: boolean,
): Expression<SqlBool> {
  if (postgres) {
    const value = sql`${sql.ref(column)} #> ${pathArray(path)}`
    return sql<SqlBool>`exists (select 1 from jsonb_array_elements_text(
      case jsonb_typeof(${value}) when 'array' then ${value} else jsonb_build_array(${value}) end
    ) as member(value) where member.value = ${text})`
  }
  return sql<SqlBool>`exists (select 1 from json_each(${sql.ref(column)}, ${jsonPath(path)}) as member where
    case member.type when 'true' then 'true' when 'false' then 'false' else cast(member.value as text) end = ${text})`
}

export function metadataExists({ column, path }: MetadataPath, postgres: boolean): Expression<SqlBool> {
  if (postgres) return sql<SqlBool>`jsonb_typeof(${sql.ref(column)} #> ${pathArray(path)}) <> 'null'`
  return sql<SqlBool>`json_type(${sql.ref(column)}, ${jsonPath(path)}) <> 'null'`
}

/** As text, because a bound list has another form in every driver. */
const pathArray = (path: readonly string[]) =>
  sql`array(select jsonb_array_elements_text(cast(${JSON.stringify(path)} as jsonb)))`

/** Each name quoted; what SQLite cannot quote in a path, a quotation mark, was refused before. */
const jsonPath = (path: readonly string[]) => `$${path.map((name) => `."${name}"`).join('')}`
