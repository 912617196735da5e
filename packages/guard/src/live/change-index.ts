import type { Change, DatedToken, FeedEvent, Position } from './change.ts'

/** No token is valid for longer: 31 days. */
const keptSeconds = 31 * 24 * 60 * 60

/** The last change of a kind: a token that is newer than it is newer than all before it. */
interface Latest {
  number: number
  at: number
  readonly clientId: string | undefined
  readonly permissions: readonly string[] | undefined
}

/**
 * The changes that are known, by what they concern. Of changes that concern the same tokens only the last is kept, so the
 * size is that of the subjects and permissions that changed within 31 days.
 *
 * @example
 * ```ts
 * const changes = new ChangeIndex()
 * changes.size // => 0
 * ```
 */
export class ChangeIndex {
  #position: Position | undefined
  /** Whether the chain of events is broken: a snapshot has to follow. */
  #isBroken = false
  readonly #losses = new Changes()
  readonly #gains = new Changes()
  #sizeAtSweep = 1_000

  /** The position that the index has reached. */
  get position(): Position | undefined {
    return this.#position
  }

  /** Where reading goes on. Undefined: with a snapshot. */
  get cursor(): Position | undefined {
    return this.#isBroken ? undefined : this.#position
  }

  get size(): number {
    return this.#losses.size + this.#gains.size
  }

  /**
   * Adds an event.
   *
   * @returns false when an event is missing between the last one and this one: start again with a snapshot
   */
  apply(event: FeedEvent): boolean {
    const { position, previous, changes } = event
    const current = this.#position
    if (previous === undefined) {
      // Changes that are known stay true within their epoch.
      if (current?.epoch !== position.epoch) this.#clear()
      this.#isBroken = false
    } else {
      if (this.#isBroken || current === undefined || !goesOn(current, position, previous)) return false
      // An event that came twice.
      if (position.number < current.number) return true
    }
    this.#add(changes)
    this.#position = position
    return true
  }

  /** Whether something that the token carries may have been taken since it was issued. */
  isStale(token: DatedToken): boolean {
    const position = this.#position
    if (position === undefined) return false
    if (token.position !== undefined && token.position.epoch !== position.epoch) return true
    return this.#losses.concern(token, token.permissions.concat(token.scope))
  }

  /** Whether one of these permissions may have been given since the token was issued. */
  mayHaveGained(token: DatedToken, required: readonly string[]): boolean {
    if (this.#position === undefined) return false
    return this.#gains.concern(token, required)
  }

  /** Forgets the position, so that the next event has to begin a snapshot. Changes that are known stay true. */
  startOver(): void {
    this.#isBroken = true
  }

  #add(changes: readonly Change[]): void {
    for (const change of changes) (change.effect === 'loss' ? this.#losses : this.#gains).add(change)
    if (this.size > 2 * this.#sizeAtSweep) this.#sweep(changes.at(-1)?.at ?? 0)
  }

  #clear(): void {
    this.#losses.clear()
    this.#gains.clear()
  }

  #sweep(nowSeconds: number): void {
    for (const changes of [this.#losses, this.#gains]) changes.deleteBefore(nowSeconds - keptSeconds)
    this.#sizeAtSweep = Math.max(this.size, 1_000)
  }
}

/** Whether an event is the next one after the position that was reached, or one before it. */
function goesOn(current: Position, position: Position, previous: Position): boolean {
  if (position.epoch !== current.epoch || previous.epoch !== current.epoch) return false
  return position.number <= current.number || previous.number === current.number
}

/** Changes of one effect. */
class Changes {
  /** Keys: `s` and a subject, `c` and a client id, `p` and a permission, and the empty text for all tokens. */
  readonly #latest = new Map<string, Latest[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  clear(): void {
    this.#latest.clear()
    this.#size = 0
  }

  add({ sub, clientId, permissions, number, at }: Change): void {
    if (sub !== undefined) this.#put(`s${sub}`, { number, at, clientId, permissions })
    else if (clientId !== undefined) this.#put(`c${clientId}`, { number, at, clientId, permissions })
    else if (permissions === undefined) this.#put('', { number, at, clientId, permissions })
    else
      for (const name of permissions) this.#put(`p${name}`, { number, at, clientId, permissions: undefined })
  }

  /** Whether a change that is newer than the token concerns it, and one of these permissions or any. */
  concern(token: DatedToken, names: readonly string[]): boolean {
    const isNewer = ({ number, at }: Latest) =>
      token.position === undefined ? at >= token.issuedAt : number > token.position.number
    const matches = (one: Latest) =>
      isNewer(one) &&
      (one.clientId === undefined || one.clientId === token.clientId) &&
      (one.permissions === undefined || one.permissions.some((name) => names.includes(name)))
    if (this.#at('').some(matches)) return true
    if (this.#at(`s${token.sub}`).some(matches)) return true
    if (token.clientId !== undefined && this.#at(`c${token.clientId}`).some(matches)) return true
    return names.some((name) => this.#at(`p${name}`).some(isNewer))
  }

  deleteBefore(seconds: number): void {
    for (const [key, list] of this.#latest) {
      const kept = list.filter(({ at }) => at >= seconds)
      this.#size -= list.length - kept.length
      if (kept.length === 0) this.#latest.delete(key)
      else if (kept.length < list.length) this.#latest.set(key, kept)
    }
  }

  #at(key: string): readonly Latest[] {
    return this.#latest.get(key) ?? none
  }

  #put(key: string, change: Latest): void {
    const list = this.#latest.get(key)
    if (list === undefined) {
      this.#latest.set(key, [change])
      this.#size += 1
      return
    }
    const same = list.find(
      (one) => one.clientId === change.clientId && isSame(one.permissions, change.permissions),
    )
    if (same === undefined) {
      list.push(change)
      this.#size += 1
    } else if (change.number > same.number) Object.assign(same, { number: change.number, at: change.at })
  }
}

const none: readonly Latest[] = []

function isSame(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((name, index) => name === other[index])
}
