import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { clientOfSubject, type Mark, type Position } from '../store/marks.ts'
import { entitlementOf, readFacts } from './entitlement.ts'
import { createEventSigner } from './events.ts'
import type { MarkLog } from './mark-log.ts'
import { subjectsOfAudience } from './store.ts'

/** Marks that are read at once. A signature costs more than a mark, and other requests wait for a read of the file store. */
const batch = 2_000
/** An event that is longer than 8 MiB is refused by guards. Most have a fraction of this. */
const maxEventCharacters = 1_000_000
/** More marks than this are sent as one event. */
const maxSingleEvents = 5

/** Reads the changes of one API from a position on. The reader has the only state. */
export interface FeedReader {
  /**
   * The events since the last call, signed. Empty when there are none.
   * @throws when the store does not answer
   */
  next(): Promise<string[]>
  /** Whether the last call reached the last mark. */
  isComplete(): boolean
  /** Whether there were changes, or a snapshot, since the position that the reader began at. */
  hasNews(): boolean
}

/** Where a reader is. */
interface Place {
  /** The position of the last event. Undefined before a snapshot. */
  told: Position | undefined
  /** The number of the last mark that was read. */
  read: number
  /** Whether the log is known to reach back to `told`. */
  isChecked: boolean
  isComplete: boolean
  /** Whether an event has said that the reader is at the last mark. */
  saidComplete: boolean
  hasNews: boolean
}

export type Feed = (audience: string, after: Position | undefined) => FeedReader

/** The feed of changes: each API's view of the marks. */
export function createFeed(ctx: Context, keys: KeyRing, log: MarkLog): Feed {
  const { db } = ctx.store
  const facts = readFacts(db)
  const sign = createEventSigner(ctx, keys)

  /** The marks that concern an API. A mark of a subject alone is shown to the APIs that have seen the subject. */
  async function visible(audience: string, marks: readonly Mark[]): Promise<Mark[]> {
    const subjects = marks.flatMap((mark) => (mark.audience === undefined ? (mark.subject ?? []) : []))
    const seen = await subjectsOfAudience(db, audience, [...new Set(subjects)])
    return marks.filter((mark) =>
      mark.audience === undefined
        ? mark.subject === undefined || seen.has(mark.subject)
        : mark.audience === audience,
    )
  }

  /** What the subject of a mark holds now: a user by roles and directly, an application by its client grant. */
  async function heldBy(audience: string, { reason, subject }: Mark): Promise<string[] | undefined> {
    if (reason !== 'permissions' || subject === undefined) return undefined
    const api = await facts.api(audience)
    if (!api) return undefined
    const clientId = clientOfSubject(subject)
    if (clientId === undefined) return facts.permissions(subject, api.id)
    const entitlement = await entitlementOf(facts, api, { type: 'client', clientId })
    return 'refusal' in entitlement ? [] : entitlement.permissions
  }

  return (audience, after) => {
    let place: Place = {
      told: after,
      read: after?.number ?? 0,
      isChecked: false,
      isComplete: false,
      saidComplete: false,
      hasNews: after === undefined,
    }

    async function tell(at: Place, marks: readonly Mark[], position: Position): Promise<string> {
      const [first] = marks
      const held = first && marks.length === 1 ? await heldBy(audience, first) : undefined
      const { told: previous, isComplete } = at
      const event = await sign(audience, { marks, position, previous, isComplete, ...(held && { held }) })
      at.told = position
      return event
    }

    /** Begins again with a snapshot when the log does not reach back to the reader's position, or has a new epoch. */
    async function findPlace(at: Place, epoch: string): Promise<void> {
      const { told, isChecked } = at
      const goesOn = told?.epoch === epoch && (isChecked || (await log.reaches(told)))
      at.isChecked = true
      if (goesOn || told === undefined) return
      at.told = undefined
      at.read = 0
      at.saidComplete = false
      at.hasNews = true
    }

    /** The next marks that one event has room for. The reader's position is behind them afterwards. */
    async function readMarks(at: Place, last: Position): Promise<Mark[]> {
      const found = await log.after(at.read, batch)
      const marks = found.slice(0, countThatFit(found))
      at.isComplete = found.length < batch && marks.length === found.length
      at.read = Math.max(marks.at(-1)?.number ?? at.read, at.isComplete ? last.number : 0)
      return marks
    }

    async function readEvents(at: Place): Promise<string[]> {
      const position = log.position()
      if (position === undefined) throw new Error('the store does not answer')
      const { epoch } = position
      await findPlace(at, epoch)
      const shown = await visible(audience, await readMarks(at, position))
      at.hasNews ||= shown.length > 0
      const needsWord = at.told === undefined || (at.isComplete && !at.saidComplete)
      at.saidComplete ||= at.isComplete
      if (needsWord || shown.length > maxSingleEvents)
        return [await tell(at, shown, { epoch, number: at.read })]
      const events: string[] = []
      for (const mark of shown) events.push(await tell(at, [mark], { epoch, number: mark.number }))
      return events
    }

    /** The reader moves only with events that it returns. A store that fails half-way must not make it skip marks. */
    async function next(): Promise<string[]> {
      const reached = { ...place }
      const events = await readEvents(reached)
      place = reached
      return events
    }

    return { next, isComplete: () => place.isComplete, hasNews: () => place.hasNews }
  }
}

/** How many of these marks one event has room for, at least one. */
function countThatFit(marks: readonly Mark[]): number {
  let characters = 0
  for (const [index, { permissions = [] }] of marks.entries()) {
    for (const name of permissions) characters += name.length
    if (characters > maxEventCharacters) return Math.max(index, 1)
  }
  return marks.length
}
