import { sql } from 'kysely'
import type { Db } from '../store/store.ts'

export const msPerDay = 86_400_000

/** Counts entries of some types by day (since 1970, in UTC). */
export async function countByDay(
  db: Db,
  fromDay: number,
  toDay: number,
  types: readonly string[],
): Promise<{ day: number; type: string; count: number }[]> {
  // Integers divide without a remainder in both databases.
  const day = sql<number>`date / ${sql.lit(msPerDay)}`
  const rows = await db
    .selectFrom('logs')
    .select((eb) => [day.as('day'), 'type', eb.fn.countAll().as('count')])
    .where('type', 'in', types)
    .where('date', '>=', fromDay * msPerDay)
    .where('date', '<', (toDay + 1) * msPerDay)
    .groupBy([day, 'type'])
    .execute()
  return rows.map((row) => ({ day: row.day, type: row.type, count: Number(row.count) }))
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
  return rows.map((row) => ({ hour: row.hour, type: row.type, count: Number(row.count) }))
}
