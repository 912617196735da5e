import { dailyStats } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { invalidQuery } from '../http/api-error.ts'
import type { ManagementApp } from '../http/management-app.ts'
import type { Db } from '../store/store.ts'
import { countByDay, msPerDay } from './store.ts'

const activeDays = 30
const defaultDays = 30
const maxDays = 366
const day = z.string().regex(/^\d{8}$/, 'must be a day as YYYYMMDD')

/**
 * How many users sign in and sign up. Each request counts them in the log and the users. Days are in UTC.
 * @param countActiveUsers counts the users who signed in since a time; the slice of the users gives it
 */
export function statsRoutes(
  app: ManagementApp,
  ctx: Context,
  countActiveUsers: (db: Db, since: number) => Promise<number>,
): void {
  const { store, clock } = ctx
  const tags = ['stats']

  app.get(
    '/stats/active-users',
    {
      config: { scope: ['read:stats'] },
      schema: {
        tags,
        summary: 'Count the users who signed in within 30 days',
        response: { 200: z.int() },
      },
    },
    () => countActiveUsers(store.db, clock() - activeDays * msPerDay),
  )

  app.get(
    '/stats/daily',
    {
      config: { scope: ['read:stats'] },
      schema: {
        tags,
        summary: 'Count sign-ins and sign-ups by day',
        querystring: z.object({ from: day.optional(), to: day.optional() }),
        response: { 200: z.array(dailyStats) },
      },
    },
    async ({ query }) => {
      const to = query.to === undefined ? Math.floor(clock() / msPerDay) : dayNumber('to', query.to)
      const from = query.from === undefined ? to - defaultDays + 1 : dayNumber('from', query.from)
      if (from > to || to - from >= maxDays)
        throw invalidQuery(`'Must be 1 to ${maxDays} days, in their order' on property from.`)
      const counts = await countByDay(store.db, from, to, ['s', 'ss', 'pwd_leak'])
      const now = new Date(clock()).toISOString()
      return Array.from({ length: to - from + 1 }, (_, index) => {
        const number = from + index
        const date = new Date(number * msPerDay).toISOString()
        const count = (type: string) =>
          counts.find((one) => one.day === number && one.type === type)?.count ?? 0
        return {
          date,
          logins: count('s'),
          signups: count('ss'),
          leaked_passwords: count('pwd_leak'),
          created_at: date,
          updated_at: now,
        }
      })
    },
  )
}

/** Days since 1970-01-01. */
function dayNumber(name: string, text: string): number {
  const time = Date.parse(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}T00:00:00Z`)
  if (Number.isNaN(time)) throw invalidQuery(`'There is no such day' on property ${name}.`)
  return time / msPerDay
}
