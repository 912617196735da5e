import type { Clock } from '../clock.ts'
import type { Db, Store } from './store.ts'
import type { Tx } from './transaction.ts'

/** Longer than any transaction: PostgreSQL assigns `seq` before COMMIT, so a lower one may appear later. */
const SETTLED_AFTER_MS = 60_000
const KEPT_MS = 15 * 60_000

export interface Change {
  topic: string
  key: string
}

export interface ChangeListener {
  /** A change of this or another node. May be called more than once for one change. */
  changed(change: Change): void
  /** Changes may have been missed: drop all cached values. */
  flush(): void
  /** The store could not be read. `flush` follows when it can be read again. */
  failed(error: unknown): void
}

export interface ChangeWatcher {
  /** Polls now instead of at the next interval. */
  poll(): Promise<void>
  stop(): Promise<void>
}

const changed = new WeakSet<Db>()

/** Whether `recordChange` was called in this transaction. */
export function hasChanges(db: Db): boolean {
  return changed.has(db)
}

/** Records in the same transaction that `key` of `topic` changed, so that every node drops its cached value. */
export async function recordChange({ db, now }: Tx, topic: string, key: string): Promise<void> {
  changed.add(db)
  await db.insertInto('changes').values({ topic, key, at: now }).execute()
}

/** Notifies the listener of every change from now on, including this node's own, and deletes old rows. */
export async function watchChanges(
  store: Store,
  clock: Clock,
  listener: ChangeListener,
  intervalMs = 1_000,
): Promise<ChangeWatcher> {
  const reader = new ChangeReader(store, clock)
  await reader.read()

  let behind = false
  async function look(): Promise<void> {
    try {
      const { changes, missed } = await reader.read()
      if (missed || behind) listener.flush()
      else for (const change of changes) listener.changed(change)
      behind = false
      await reader.prune()
    } catch (error) {
      behind = true
      listener.failed(error)
    }
  }

  let looking = Promise.resolve()
  let waiting = 0
  const poll = () => {
    waiting++
    looking = looking.then(look).finally(() => waiting--)
    return looking
  }
  // While a poll waits for a slow store, no further one is queued.
  const timer = setInterval(() => void (waiting === 0 && poll()), intervalMs).unref()
  return {
    poll,
    async stop() {
      clearInterval(timer)
      await looking
    },
  }
}

/** The position of one reader in the list of changes. */
class ChangeReader {
  readonly #store: Store
  readonly #clock: Clock
  /** The time at which this reader first saw a `seq`. Those up to `#settled` are dropped. */
  readonly #seen = new Map<number, number>()
  #settled = 0
  #readAt: number
  #prunedAt = 0

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#readAt = clock()
  }

  /** The changes since the last call. `missed`: that call is so long ago that rows may have been deleted. */
  async read(): Promise<{ changes: Change[]; missed: boolean }> {
    const now = this.#clock()
    const rows = await this.#store.db
      .selectFrom('changes')
      .select(['seq', 'topic', 'key'])
      .where('seq', '>', this.#settled)
      .orderBy('seq')
      .execute()
    const changes = rows.filter(({ seq }) => !this.#seen.has(seq))
    for (const { seq } of changes) this.#seen.set(seq, now)
    this.#settle(now)
    const missed = now - this.#readAt > KEPT_MS / 2
    this.#readAt = now
    return { changes: changes.map(({ topic, key }) => ({ topic, key })), missed }
  }

  async prune(): Promise<void> {
    const now = this.#clock()
    if (now - this.#prunedAt < KEPT_MS / 10) return
    this.#prunedAt = now
    await this.#store.db
      .deleteFrom('changes')
      .where('at', '<', now - KEPT_MS)
      .execute()
  }

  /** No new row appears below a `seq` that was seen long enough ago. SQLite serializes its transactions. */
  #settle(now: number): void {
    const settledAfterMs = this.#store.kind === 'sqlite' ? 0 : SETTLED_AFTER_MS
    for (const [seq, seenAt] of this.#seen) {
      if (now - seenAt >= settledAfterMs) this.#settled = Math.max(this.#settled, seq)
    }
    for (const seq of this.#seen.keys()) {
      if (seq <= this.#settled) this.#seen.delete(seq)
    }
  }
}
