import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Member } from './member.ts'
import type { Programs } from './packages.ts'

/**
 * Creates the role and the database of Rolecall. The limits are those of the role, because PgBouncer in transaction mode
 * passes none of a session.
 */
export async function createDatabase(
  { programs, secrets }: { programs: Programs; secrets: { superuser: string; rolecall: string } },
  { port }: Member,
): Promise<void> {
  const statements = [
    `create role rolecall login password '${secrets.rolecall}'`,
    `alter role rolecall set statement_timeout = '15s'`,
    `alter role rolecall set idle_in_transaction_session_timeout = '15s'`,
    'create database rolecall owner rolecall',
  ]
  const address = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-d', 'postgres']
  const { status, stderr } = spawnSync(
    join(programs.postgres, 'psql'),
    ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...address, ...statements.flatMap((text) => ['-c', text])],
    { env: { PATH: process.env.PATH, PGPASSWORD: secrets.superuser }, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`the database was not created: ${stderr}`)
}
