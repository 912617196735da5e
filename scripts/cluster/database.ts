import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Programs } from './packages.ts'

const timeoutMs = 30_000
/** A proxy that was just started takes each member for the primary until it has asked it. */
const answersInARow = 3

interface Access {
  programs: Programs
  secrets: { superuser: string; rolecall: string }
}

/**
 * Creates the role and the database of Rolecall. The limits are those of the role, because PgBouncer in transaction mode
 * passes none of a session.
 * @param port of the primary
 */
export function createDatabase(access: Access, port: number): void {
  const { superuser, rolecall } = access.secrets
  const { problem } = psql(access.programs, port, { user: 'postgres', password: superuser }, [
    `create role rolecall login password '${rolecall}'`,
    `alter role rolecall set statement_timeout = '15s'`,
    `alter role rolecall set idle_in_transaction_session_timeout = '15s'`,
    'create database rolecall owner rolecall',
  ])
  if (problem !== undefined) throw new Error(`the database was not created: ${problem}`)
}

/**
 * Resolves when a proxy leads to the primary.
 * @param port of the proxy
 */
export async function untilPrimary({ programs, secrets }: Access, port: number): Promise<void> {
  const last = performance.now() + timeoutMs
  const login = { user: 'rolecall', password: secrets.rolecall }
  for (let answers = 0; answers < answersInARow; ) {
    const { output, problem } = psql(programs, port, login, ['select pg_is_in_recovery()'])
    answers = output === 'f' ? answers + 1 : 0
    if (performance.now() > last) throw new Error(`no primary at port ${port}: ${problem ?? output}`)
    if (answers === 0) await pause(100)
  }
}

function psql(
  { postgres }: Programs,
  port: number,
  { user, password }: { user: string; password: string },
  statements: readonly string[],
): { output: string; problem?: string } {
  const address = ['-h', '127.0.0.1', '-p', String(port), '-U', user, '-d', user]
  const { status, stdout, stderr } = spawnSync(
    join(postgres, 'psql'),
    [
      '-X',
      '-q',
      '-A',
      '-t',
      '-v',
      'ON_ERROR_STOP=1',
      ...address,
      ...statements.flatMap((text) => ['-c', text]),
    ],
    { env: { PATH: process.env.PATH, PGPASSWORD: password, PGCONNECT_TIMEOUT: '5' }, encoding: 'utf8' },
  )
  return { output: stdout.trim(), ...(status !== 0 && { problem: stderr.trim() }) }
}
