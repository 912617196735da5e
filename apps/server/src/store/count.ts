import type { SelectQueryBuilder } from 'kysely'

/** How many rows a query finds that selects nothing yet. */
export async function countRows<DB, Tables extends keyof DB>(
  query: SelectQueryBuilder<DB, Tables, object>,
): Promise<number> {
  const { total } = await query
    .select((eb) => eb.fn.countAll().as('total'))
    .$castTo<{ total: number | string }>()
    .executeTakeFirstOrThrow()
  // PostgreSQL counts in a text.
  return Number(total)
}
