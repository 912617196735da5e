import type { LogEntry } from './store.ts'

/** Auth0's code for a token that an application got for itself. */
const machineToken = 'seccft'
/** Members that an entry of several tokens has when all of them agree. */
const shared = ['audience', 'scope', 'ip', 'userAgent'] as const
/** Of applications that wait. Beyond it their entries are taken early. */
const maxApplications = 10_000

/** Counts the tokens that applications get for themselves: one entry for each application instead of one for each token. */
export class TokenSummary {
  readonly #counted = new Map<string, { entry: LogEntry; count: number }>()

  get isFull(): boolean {
    return this.#counted.size >= maxApplications
  }

  /** @returns whether the entry is one of a machine token, which is counted now */
  add(entry: LogEntry): boolean {
    if (entry.type !== machineToken || entry.clientId === undefined) return false
    const counted = this.#counted.get(entry.clientId)
    if (counted === undefined) {
      this.#counted.set(entry.clientId, { entry: { ...entry }, count: 1 })
      return true
    }
    counted.count++
    counted.entry.date = entry.date
    for (const member of shared)
      if (counted.entry[member] !== entry[member]) counted.entry[member] = undefined
    return true
  }

  /** The entries of what was counted since the last call, each with the time of its last token. */
  take(): LogEntry[] {
    const entries: LogEntry[] = []
    for (const { entry, count } of this.#counted.values()) {
      const description = `${count} tokens issued (client_credentials)`
      entries.push(count === 1 ? entry : { ...entry, description, details: { ...entry.details, count } })
    }
    this.#counted.clear()
    return entries
  }
}
