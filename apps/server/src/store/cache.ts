import type { Clock } from '../clock.ts'
import { watchChanges } from './changes.ts'
import type { Store } from './store.ts'

/** Remembers what every request reads and few requests change: applications, APIs, grants, settings. */
export interface Memory {
  /** What `load` gave for this key, unless something was changed since. What does not exist is not remembered. */
  recall<T>(key: string, load: () => Promise<T>): Promise<T>
  /** Calls back whenever everything was forgotten, for what is remembered elsewhere. */
  onForget(listener: () => void): void
  stop(): Promise<void>
}

const most = 20_000

/**
 * Any recorded change empties the memory: of this process before the change is acknowledged, of another within the
 * second that `watchChanges` polls in. Who may do what is never remembered here; it is read at every issue.
 */
export async function openMemory(
  store: Store,
  clock: Clock,
  onProblem: (error: unknown) => void,
): Promise<Memory> {
  let remembered = new Map<string, unknown>()
  const listeners: (() => void)[] = []
  const forget = () => {
    remembered = new Map()
    for (const listener of listeners) listener()
  }
  const unsubscribe = store.onChange(forget)
  const watcher = await watchChanges(store, clock, {
    changed: forget,
    flush: forget,
    failed(error) {
      forget()
      onProblem(error)
    },
  })

  return {
    async recall<T>(key: string, load: () => Promise<T>): Promise<T> {
      const held = remembered
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a key belongs to one `load`, which names its type.
      if (held.has(key)) return held.get(key) as T
      const value = await load()
      // What was read before a change lands in the map of that time, which nobody asks any more.
      if (value !== undefined && held.size < most) held.set(key, value)
      return value
    },
    onForget: (listener) => void listeners.push(listener),
    async stop() {
      unsubscribe()
      await watcher.stop()
    },
  }
}
