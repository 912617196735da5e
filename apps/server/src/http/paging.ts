import { type FieldsQuery, member, type PageQuery } from '@rolecall/contract'
import { invalidQuery } from './api-error.ts'

const defaultPageSize = 50

/** A part of an ordered list: after a position (`after`, by key) or after a number of items (`offset`). */
export interface Range {
  after?: Cursor
  offset: number
  limit: number
}

/** The sort key of the last item of the page before. */
export type Cursor = readonly (string | number)[]

/** A list in the store. */
export interface Listing<Item> {
  /** At most `limit` items, in the one order of this list. */
  slice(range: Range): Promise<Item[]>
  /** The number of all items. */
  count(): Promise<number>
  /** The position of an item in the order. */
  cursor(item: Item): Cursor
  /** The types of a cursor's parts, so that a forged one is refused. Default: one text. */
  cursorTypes?: readonly ('string' | 'number')[]
}

/**
 * Answers in one of the three forms that Auth0 has for a list: a page after a checkpoint (`from`, `take`), which costs the
 * same at any depth and takes precedence; a counted page (`include_totals`); or a bare array.
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
    const { items, next } = await pageAfterCheckpoint(query, list)
    return { ...member(name, items.map(show)), ...(next !== undefined && { next }) }
  }
  const limit = query.per_page ?? defaultPageSize
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

async function pageAfterCheckpoint<Item>(
  { from, take: limit = defaultPageSize }: PageQuery,
  list: Listing<Item>,
): Promise<{ items: Item[]; next?: string }> {
  const after = from === undefined ? {} : { after: readCursor(from, list.cursorTypes ?? ['string']) }
  const found = await list.slice({ ...after, offset: 0, limit: limit + 1 })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, ...(found.length > limit && last && { next: writeCursor(list.cursor(last)) }) }
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
    // Refused below.
  }
  throw invalidQuery(`'Not a checkpoint that was given out' on property from`)
}

/** Gives the members that `fields` names, or all others with `include_fields=false`. Unknown names are no error. */
export function pickFields<T extends object>(object: T, { fields, include_fields }: FieldsQuery): Partial<T> {
  if (!fields) return object
  const names = new Set(fields.split(','))
  const include = include_fields !== 'false'
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- some of the object's own entries.
  return Object.fromEntries(
    Object.entries(object).filter(([name]) => names.has(name) === include),
  ) as Partial<T>
}
