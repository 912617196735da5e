import type { Change, DatedToken, FeedEvent, Position } from './change.ts'

/** No token is valid for longer: 31 days. */
const keptSeconds = 31 * 24 * 60 * 60

/**
 * Changes of one subject or application that are kept apart. Of more, all its tokens that are older count as stale: each
 * is renewed once, and the time and memory that the changes take stay limited.
 */
const maxForKey = 32

/** The last change of a kind: a token that is newer than it is newer than all before it. */
interface Latest {
  number: number
  at: number
  readonly clientId: string | undefined
  readonly permissions: readonly string[] | undefined
  /** Another one with the same key. Most keys have one change, and an array for each would take as much memory again. */
  next: Latest | undefined
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
  /** Epochs that ended. An event of one of them was recorded and sent again. */
  readonly #ended = new Set<string>()
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
   * @returns false when it does not follow the last one: start again with a snapshot
   */
  apply(event: FeedEvent): boolean {
    const { position, previous, changes } = event
    const current = this.#position
    if (this.#ended.has(position.epoch)) return false
    if (previous === undefined) {
      // Changes that are known stay true within their epoch.
      if (current !== undefined && current.epoch !== position.epoch) {
        this.#ended.add(current.epoch)
        this.#clear()
      }
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

const maxSharedLists = 1_000

/** Changes of one effect. */
class Changes {
  readonly #bySubject = new Map<string, Latest>()
  readonly #byApplication = new Map<string, Latest>()
  readonly #byPermission = new Map<string, Latest>()
  /** What concerns every token, under the empty text. */
  readonly #ofAll = new Map<string, Latest>()
  readonly #maps = [this.#bySubject, this.#byApplication, this.#byPermission, this.#ofAll]
  /** Lists of permissions that changes share. */
  readonly #lists = new Map<string, readonly string[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  clear(): void {
    for (const map of this.#maps) map.clear()
    this.#size = 0
  }

  add({ sub, clientId, permissions, number, at }: Change): void {
    const change = { number, at, clientId, permissions: permissions && this.#shared(permissions) }
    if (sub !== undefined) this.#put(this.#bySubject, sub, change)
    else if (clientId !== undefined) this.#put(this.#byApplication, clientId, change)
    else if (permissions === undefined) this.#put(this.#ofAll, '', change)
    else
      for (const name of permissions)
        this.#put(this.#byPermission, name, { number, at, clientId, permissions: undefined })
  }

  /** Whether a change that is newer than the token concerns it, and one of these permissions or any. */
  concern(token: DatedToken, names: readonly string[]): boolean {
    const isNewer = ({ number, at }: Latest) =>
      token.position === undefined ? at >= token.issuedAt : number > token.position.number
    const concernsIt = (one: Latest) =>
      isNewer(one) &&
      (one.clientId === undefined || one.clientId === token.clientId) &&
      (one.permissions === undefined || one.permissions.some((name) => names.includes(name)))
    const anyOf = (map: ReadonlyMap<string, Latest>, key: string) => {
      for (let one = map.get(key); one !== undefined; one = one.next) if (concernsIt(one)) return true
      return false
    }
    return (
      anyOf(this.#ofAll, '') ||
      anyOf(this.#bySubject, token.sub) ||
      (token.clientId !== undefined && anyOf(this.#byApplication, token.clientId)) ||
      names.some((name) => anyOf(this.#byPermission, name))
    )
  }

  deleteBefore(seconds: number): void {
    for (const map of this.#maps)
      for (const [key, first] of map) {
        let kept: Latest | undefined
        for (let one: Latest | undefined = first; one !== undefined; one = one.next)
          if (one.at >= seconds) kept = { ...one, next: kept }
          else this.#size -= 1
        if (kept === undefined) map.delete(key)
        else map.set(key, kept)
      }
  }

  #put(map: Map<string, Latest>, key: string, change: Omit<Latest, 'next'>): void {
    const first = map.get(key)
    let count = 1
    for (let one = first; one !== undefined; one = one.next) {
      count += 1
      if (one.clientId !== change.clientId || !isSame(one.permissions, change.permissions)) continue
      if (change.number > one.number) Object.assign(one, { number: change.number, at: change.at })
      return
    }
    const { number, at, clientId, permissions } = change
    const added = { number, at, clientId, permissions, next: first }
    this.#size += 1
    map.set(key, count > maxForKey ? this.#combined(added) : added)
  }

  /** One change that concerns every token that one of these concerns. */
  #combined(first: Latest): Latest {
    let { number, at } = first
    for (let one = first.next; one !== undefined; one = one.next) {
      number = Math.max(number, one.number)
      at = Math.max(at, one.at)
      this.#size -= 1
    }
    return { number, at, clientId: undefined, permissions: undefined, next: undefined }
  }

  #shared(permissions: readonly string[]): readonly string[] {
    const text = permissions.join(' ')
    const known = this.#lists.get(text)
    if (known !== undefined) return known
    if (this.#lists.size >= maxSharedLists) this.#lists.clear()
    this.#lists.set(text, permissions)
    return permissions
  }
}

function isSame(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (one === other) return true
  if (one === undefined || other === undefined) return false
  return one.length === other.length && one.every((name, index) => name === other[index])
}
