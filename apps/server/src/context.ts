import { join } from 'node:path'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Sealer } from './crypto/sealer.ts'
import { openSealer } from './crypto/sealing-key.ts'
import { createMailer, type Mailer } from './mail/mailer.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'

/** The services that every slice uses. */
export interface Context {
  config: Config
  store: Store
  clock: Clock
  sealer: Sealer
  mailer: Mailer
}

/**
 * Opens the store, the sealer and the mailer.
 * @throws {StoreError} whose message tells an operator what to do
 */
export async function openContext(config: Config, clock: Clock = Date.now): Promise<Context> {
  const store = await openStore(
    config.databaseUrl
      ? { databaseUrl: config.databaseUrl, limits: config.databaseLimits }
      : { file: join(config.dataDir, 'rolecall.db') },
  )
  try {
    const sealer = await openSealer(config, store.db, clock())
    return { config, store, clock, sealer, mailer: createMailer(config, store, clock) }
  } catch (error) {
    await store.close()
    throw error
  }
}
