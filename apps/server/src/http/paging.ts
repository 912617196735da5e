import { member, type PageQuery } from '@rolecall/contract'
import { invalidQuery } from './api-error.ts'

const usualPage = 50

/** Part of an ordered list: from a position on (`after`, by key) or from a number on (`offset`). */
export interface Range {
  after?: Cursor
  offset: number
  limit: number
}

/** The sort key of the last item that was given out. */
export type Cursor = readonly (string | number)[]

/** A list in the store. */
export interface Listing<Item> {
  /** At most `limit` items, in the one order of this list. */
  slice(range: Range): Promise<Item[]>
  /** How many there are in all. */
  count(): Promise<number>
  /** Where an item stands in the order. */
  cursor(item: Item): Cursor
  /** The types of a cursor's parts, so that a forged one is refused. Default: one text. */
  cursorTypes?: readonly ('string' | 'number')[]
}

/**
 * Answers in the form that was asked for (Auth0 has three at one address): by checkpoint (`from`, `take`), which costs
 * the same at any depth and wins; counted (`include_totals`); or a bare array.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the answer has a member of this name.
export async function paged<Name extends string, Item, Shown>(
  name: Name,
  query: PageQuery,
  list: Listing<Item>,
  show: (item: Item) => Shown,
  withLength = false,
) {
  if (query.take !== undefined || query.from !== undefined) {
    const limit = query.take ?? usualPage
    const after =
      query.from === undefined ? {} : { after: readCursor(query.from, list.cursorTypes ?? ['string']) }
    const found = await list.slice({ ...after, offset: 0, limit: limit + 1 })
    const items = found.slice(0, limit)
    const last = items.at(-1)
    return {
      ...member(name, items.map(show)),
      ...(found.length > limit && last && { next: writeCursor(list.cursor(last)) }),
    }
  }
  const limit = query.per_page ?? usualPage
  const start = (query.page ?? 0) * limit
  const items = (await list.slice({ offset: start, limit })).map(show)
  if (query.include_totals !== 'true') return items
  return {
    start,
    limit,
    total: await list.count(),
    ...(withLength && { length: items.length }),
    ...member(name, items),
  }
}

function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

function readCursor(text: string, types: readonly string[]): Cursor {
  try {
    const cursor: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (
      Array.isArray(cursor) &&
      cursor.length === types.length &&
      cursor.every((part: unknown, index) => typeof part === types[index] && !String(part).includes('\0'))
    )
      return cursor as Cursor
  } catch {
    // Refused below, whatever is wrong with it.
  }
  throw invalidQuery(`'Not a checkpoint that was given out' on property from`)
}
