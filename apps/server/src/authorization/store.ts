import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'

/** Stores that the subject was issued a token for the API. */
export async function putAudienceSubject(
  db: Db,
  audience: string,
  subject: string,
  now: number,
): Promise<void> {
  await db
    .insertInto('audience_subjects')
    .values({ audience, subject, issued_at: now })
    .onConflict((conflict) => conflict.columns(['audience', 'subject']).doUpdateSet({ issued_at: now }))
    .execute()
}

/** Those of `subjects` that were issued a token for the API. */
export async function subjectsOfAudience(
  db: Db,
  audience: string,
  subjects: readonly string[],
): Promise<Set<string>> {
  if (subjects.length === 0) return new Set()
  const rows = await db
    .selectFrom('audience_subjects')
    .select('subject')
    .where('audience', '=', audience)
    .where('subject', 'in', subjects)
    .execute()
  return new Set(rows.map(({ subject }) => subject))
}

/** Deletes subjects whose tokens have expired: the longest lifetime is 30 days, and a day is added for the clock. */
export async function deleteOldAudienceSubjects(db: Db, now: number, limit = 1_000): Promise<number> {
  const old = db
    .selectFrom('audience_subjects')
    .select(['audience', 'subject'])
    .where('issued_at', '<', now - 32 * 24 * 60 * 60_000)
    .orderBy('issued_at')
    .limit(limit)
    .as('old')
  const result = await db
    .deleteFrom('audience_subjects')
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom(old)
          .select('old.subject')
          .whereRef('old.audience', '=', 'audience_subjects.audience')
          .whereRef('old.subject', '=', 'audience_subjects.subject'),
      ),
    )
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Counts the subjects that were issued a token for the API since a time, to the day. */
export function countAudienceSubjects(db: Db, audience: string, since: number): Promise<number> {
  return countRows(
    db.selectFrom('audience_subjects').where('audience', '=', audience).where('issued_at', '>=', since),
  )
}
