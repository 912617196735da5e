import { randomBytes } from 'node:crypto'
import { newConnection } from '../connections/connections.ts'
import { type Connection, insertConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { createSealer } from '../crypto/sealer.ts'
import { createMailer } from '../mail/mailer.ts'
import type { Store } from '../store/store.ts'
import { fromJson } from '../store/values.ts'
import { testConfig } from '../testing/config.ts'

interface Cleanup {
  after(clean: () => Promise<void>): void
}

/** A real store, the outbox, a clock under the test's control, and one connection. */
export interface Fixture {
  ctx: Context
  connection: Connection
  /** Advances the clock. */
  pass(seconds: number): void
  /** The mail in the outbox, oldest first. */
  mails(): Promise<Array<{ recipient: string; subject: string; text: string; html: string }>>
  /** The types of all log entries, oldest first. */
  logTypes(): Promise<string[]>
  /** All log entries as one text. */
  logText(): Promise<string>
}

export async function openFixture(
  t: Cleanup,
  kind: { open(t: Cleanup): Promise<Store> },
  options: Connection['options'] = {},
): Promise<Fixture> {
  const store = await kind.open(t)
  let now = Date.UTC(2026, 10, 23, 12)
  const clock = () => now
  const config = testConfig({ issuer: 'https://id.example.com/' })
  const ctx: Context = {
    config,
    store,
    clock,
    sealer: createSealer(randomBytes(32)),
    mailer: createMailer(config, store, clock),
  }
  const connection = newConnection(now, { name: 'people', options: { passwordPolicy: 'none', ...options } })
  await insertConnection(store.db, connection)
  const logs = () => store.db.selectFrom('logs').selectAll().orderBy('log_id').execute()
  return {
    ctx,
    connection,
    pass: (seconds) => {
      now += seconds * 1000
    },
    mails: () => store.db.selectFrom('outbox').selectAll().orderBy('created_at').execute(),
    logTypes: async () => (await logs()).map(({ type }) => type),
    logText: async () =>
      (await logs()).map((row) => JSON.stringify({ ...row, data: fromJson(row.data) })).join('\n'),
  }
}

/** The one-time link of a mail. */
export function linkIn(mail: { text: string } | undefined): URL {
  const link = mail?.text.match(/https?:\S+ticket=\S+/)?.[0]
  if (!link) throw new Error(`no link in ${JSON.stringify(mail)}`)
  return new URL(link)
}
