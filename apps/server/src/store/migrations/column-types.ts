import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely'

type ColumnType = RawBuilder<unknown> | 'text' | 'integer'

/** The column types that differ between the two databases. Ids compare byte by byte in both, so that keyset paging agrees. */
export function columnTypes(
  db: Pick<Kysely<unknown>, 'getExecutor'>,
): Record<'id' | 'json' | 'flag' | 'time' | 'int', ColumnType> {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter
  return postgres
    ? { id: sql`text collate "C"`, json: sql`jsonb`, flag: sql`boolean`, time: sql`bigint`, int: 'integer' }
    : { id: 'text', json: 'text', flag: 'integer', time: 'integer', int: 'integer' }
}

/** Whether the store is PostgreSQL, for the few statements the schema builder cannot say portably. */
export function isPostgres(db: Pick<Kysely<unknown>, 'getExecutor'>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter
}
