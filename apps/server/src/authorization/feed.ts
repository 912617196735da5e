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
    let told = after
    let read = after?.number ?? 0
    let isChecked = false
    let isComplete = false
    /** Whether an event has said that the reader is at the last mark. */
    let saidComplete = false
    let hasNews = after === undefined

    async function tell(marks: readonly Mark[], position: Position): Promise<string> {
      const [first] = marks
      const held = first && marks.length === 1 ? await heldBy(audience, first) : undefined
      const content = { marks, position, previous: told, isComplete, ...(held && { held }) }
      told = position
      return sign(audience, content)
    }

    /** Begins again with a snapshot when the log does not reach back to the reader's position, or has a new epoch. */
    async function findPlace(epoch: string): Promise<void> {
      const goesOn = told?.epoch === epoch && (isChecked || (await log.reaches(told)))
      isChecked = true
      if (goesOn || told === undefined) return
      told = undefined
      read = 0
      saidComplete = false
      hasNews = true
    }

    /** The next marks that one event has room for. The reader's position is behind them afterwards. */
    async function readMarks(last: Position): Promise<Mark[]> {
      const found = await log.after(read, batch)
      const marks = found.slice(0, countThatFit(found))
      isComplete = found.length < batch && marks.length === found.length
      read = Math.max(marks.at(-1)?.number ?? read, isComplete ? last.number : 0)
      return marks
    }

    async function next(): Promise<string[]> {
      const position = log.position()
      if (position === undefined) throw new Error('the store does not answer')
      const { epoch } = position
      await findPlace(epoch)
      const shown = await visible(audience, await readMarks(position))
      hasNews ||= shown.length > 0
      const needsWord = told === undefined || (isComplete && !saidComplete)
      saidComplete ||= isComplete
      if (needsWord || shown.length > maxSingleEvents) return [await tell(shown, { epoch, number: read })]
      const events: string[] = []
      for (const mark of shown) events.push(await tell([mark], { epoch, number: mark.number }))
      return events
    }

    return { next, isComplete: () => isComplete, hasNews: () => hasNews }
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
