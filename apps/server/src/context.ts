import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Sealer } from './crypto/sealer.ts'
import type { Mailer } from './mail/mailer.ts'
import type { Store } from './store/store.ts'

/** What every slice is given. Composed once, in `app.ts`. */
export interface Context {
  config: Config
  store: Store
  clock: Clock
  sealer: Sealer
  mailer: Mailer
}
