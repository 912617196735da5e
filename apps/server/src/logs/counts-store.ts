import { sql } from 'kysely'
import type { Db } from '../store/store.ts'

export const msPerDay = 86_400_000

/** Counts entries by day (since 1970, in UTC) and by name, where `types` says which type of entry a name stands for. */
export async function countByDay<Name extends string>(
  db: Db,
  fromDay: number,
  toDay: number,
  types: Record<Name, string>,
): Promise<Map<number, Partial<Record<Name, number>>>> {
  // Integers divide without a remainder in both databases.
  const day = sql<number>`date / ${sql.lit(msPerDay)}`
  const rows = await db
    .selectFrom('logs')
    .select((eb) => [day.as('day'), 'type', eb.fn.countAll().as('count')])
    .where('type', 'in', Object.values<string>(types))
    .where('date', '>=', fromDay * msPerDay)
    .where('date', '<', (toDay + 1) * msPerDay)
    .groupBy([day, 'type'])
    .execute()
  const names = new Map(Object.entries<string>(types).map(([name, type]) => [type, name as Name]))
  const byDay = new Map<number, Partial<Record<Name, number>>>()
  for (const row of rows) {
    const name = names.get(row.type)
    if (name === undefined) continue
    const counts: Partial<Record<Name, number>> = byDay.get(Number(row.day)) ?? {}
    counts[name] = Number(row.count)
    byDay.set(Number(row.day), counts)
  }
  return byDay
}

export const msPerHour = 3_600_000

/** Counts entries of some types by hour (since 1970). */
export async function countByHour(
  db: Db,
  fromHour: number,
  types: readonly string[],
): Promise<{ hour: number; type: string; count: number }[]> {
  const hour = sql<number>`date / ${sql.lit(msPerHour)}`
  const rows = await db
    .selectFrom('logs')
    .select((eb) => [hour.as('hour'), 'type', eb.fn.countAll().as('count')])
    .where('type', 'in', types)
    .where('date', '>=', fromHour * msPerHour)
    .groupBy([hour, 'type'])
    .execute()
  return rows.map((row) => ({ hour: Number(row.hour), type: row.type, count: Number(row.count) }))
}
