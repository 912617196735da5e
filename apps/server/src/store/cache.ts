import type { Clock } from '../clock.ts'
import { watchChanges } from './changes.ts'
import type { Position } from './marks.ts'
import type { Store } from './store.ts'

/** Caches what every request reads and few requests change: applications, APIs, grants, settings. */
export interface Cache {
  /** @returns the value that `load` gave for this key since the last change. Undefined is not cached. */
  get<T>(key: string, load: () => Promise<T>): Promise<T>
  /**
   * Drops values that may be older than this position: a token that carries it rests on nothing older. Between a commit
   * and its invalidation, and for up to a second on other nodes, values are older than the store.
   */
  reach(position: Position): void
  /** Calls back after every invalidation, for caches elsewhere. */
  onInvalidate(listener: () => void): void
  stop(): Promise<void>
}

const maxEntries = 20_000

/**
 * Any recorded change empties the cache: in this process before the change is acknowledged, in other processes within
 * the polling interval of `watchChanges`, a second. Roles and permissions are not cached. They are read each time.
 */
export async function openCache(
  store: Store,
  clock: Clock,
  onProblem: (error: unknown) => void,
): Promise<Cache> {
  let entries = new Map<string, unknown>()
  const listeners: (() => void)[] = []
  let reached: Position = { epoch: '', number: 0 }
  const invalidate = () => {
    entries = new Map()
    for (const listener of listeners) listener()
  }
  const unsubscribe = store.onChange(invalidate)
  const watcher = await watchChanges(store, clock, {
    changed: invalidate,
    flush: invalidate,
    failed(error) {
      invalidate()
      onProblem(error)
    },
  })

  return {
    async get<T>(key: string, load: () => Promise<T>): Promise<T> {
      const current = entries
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a key belongs to one `load`, which names its type.
      if (current.has(key)) return current.get(key) as T
      const value = await load()
      // A change during the load has replaced `entries`. The old value then goes into the replaced map.
      if (value !== undefined && current.size < maxEntries) current.set(key, value)
      return value
    },
    reach(position) {
      if (position.epoch === reached.epoch && position.number <= reached.number) return
      reached = position
      entries = new Map()
    },
    onInvalidate: (listener) => void listeners.push(listener),
    async stop() {
      unsubscribe()
      await watcher.stop()
    },
  }
}
