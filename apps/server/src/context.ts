import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Sealer } from './crypto/sealer.ts'
import type { Mailer } from './mail/mailer.ts'
import type { Db, Store } from './store/store.ts'

/** What every slice is given. Composed once, in `app.ts`. */
export interface Context {
  config: Config
  store: Store
  clock: Clock
  sealer: Sealer
  mailer: Mailer
}

/**
 * The same context inside an open transaction: a rule that opens its own joins it, so that several rules, and the log
 * entry that tells of them, are kept or lost together.
 */
export function within<C extends Pick<Context, 'store'>>(ctx: C, tx: Db): C {
  const { store } = ctx
  const joined: Store = {
    kind: store.kind,
    db: tx,
    transaction: (work) => work(tx),
    close: () => store.close(),
  }
  return { ...ctx, store: joined }
}
