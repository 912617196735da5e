import type { Kysely } from 'kysely'

/** The sealed credentials with which a connection asks the server that its users come from. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('connections').addColumn('migration_secrets', 'text').execute()
}
