import { lazyMigrationCheck, lazyMigrationState } from '@rolecall/contract'
import { z } from 'zod'
import { requireConnection, requireDatabase } from '../connections/connections.ts'
import { migrationState } from '../connections/lazy-migration.ts'
import type { Context } from '../context.ts'
import { randomHex } from '../crypto/secrets.ts'
import { notSupported } from '../http/api-error.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { askForPassword, askForUser } from './ask.ts'

/** The state of a connection's lazy migration, and a test of its settings. The settings are an option of the connection. */
export function lazyMigrationRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['rolecall']
  const database = async (id: string) => {
    const connection = await requireConnection(db, id)
    requireDatabase(connection, 'A lazy migration')
    return connection
  }
  const params = z.object({ id: z.string().min(1).max(128) })

  app.get(
    '/rolecall/connections/:id/lazy-migration',
    {
      config: { scope: ['read:connections'] },
      schema: {
        tags,
        summary: 'Show which credentials of a lazy migration are stored',
        params,
        response: { 200: lazyMigrationState },
      },
    },
    async ({ params: { id } }) => migrationState(ctx.sealer, await database(id)),
  )

  app.post(
    '/rolecall/connections/:id/lazy-migration/check',
    {
      config: { scope: ['update:connections'], readsOnly: true },
      schema: {
        tags,
        summary: 'Test a lazy migration',
        description:
          'Asks the other server for an address that no one has, with the stored settings, also while the migration is switched off.',
        params,
        response: { 200: lazyMigrationCheck },
      },
    },
    async ({ params: { id } }) => {
      const connection = await database(id)
      const settings = connection.options.lazy_migration
      if (!settings) throw notSupported('The connection has no lazy migration')
      const email = `${randomHex(16)}@rolecall.invalid`
      const logIn = await askForPassword(ctx, connection, settings, {
        email,
        password: randomHex(32),
        ip: '192.0.2.1',
      })
      const found = await askForUser(ctx, connection, settings, email)
      const problem = problemOf(logIn) ?? (found === 'cannot_look_up' ? undefined : problemOf(found))
      return {
        ok: problem === undefined,
        ...(problem !== undefined && { problem }),
        finds_users: found !== 'cannot_look_up' && problemOf(found) === undefined,
      }
    },
  )
}

/** Anything but the answer that there is no such user is a problem. */
function problemOf(answer: Awaited<ReturnType<typeof askForPassword>>): string | undefined {
  if ('user' in answer) return 'It answered with a user for an address that no one has'
  return answer.refused === 'wrong' ? undefined : answer.reason
}
