import { z } from 'zod'
import type { ManagementApi, Query } from '../api/management-api.ts'
import { maxPicked } from '../bulk/selection.ts'

export const pageSize = 50
const largestPage = 100

export interface PageOf<Item> {
  items: Item[]
  total: number
}

const counted = z.looseObject({ total: z.number() })
const checkpoint = z.looseObject({ next: z.string().optional() })

/** One numbered page of a list, with how many there are in all. @param page from 0 */
export async function readPage<S extends z.ZodType>(
  api: ManagementApi,
  path: string,
  name: string,
  item: S,
  query: Query & { page: number; per_page?: number },
): Promise<PageOf<z.output<S>>> {
  const body = await api.get(path, counted, { per_page: pageSize, ...query, include_totals: true })
  return { items: z.array(item).parse(body[name]), total: body.total }
}

/** All of a list that is short by nature, such as roles. */
export async function readAll<S extends z.ZodType>(
  api: ManagementApi,
  path: string,
  name: string,
  item: S,
  query: Query = {},
): Promise<z.output<S>[]> {
  const all: z.output<S>[] = []
  for (let page = 0; ; page++) {
    const { items, total } = await readPage(api, path, name, item, { ...query, page, per_page: largestPage })
    all.push(...items)
    if (items.length === 0 || all.length >= total) return all
  }
}

/** The first items of a list, as many as can be selected at once. */
export async function readFirst<S extends z.ZodType>(
  api: ManagementApi,
  path: string,
  name: string,
  item: S,
  query: Query = {},
): Promise<z.output<S>[]> {
  const found: z.output<S>[] = []
  for (let page = 0; found.length < maxPicked; page++) {
    const { items } = await readPage(api, path, name, item, { ...query, page, per_page: largestPage })
    found.push(...items)
    if (items.length < largestPage) break
  }
  return found.slice(0, maxPicked)
}

/** The beginning of a list that may be long, checkpoint after checkpoint. */
export async function readUpTo<S extends z.ZodType>(
  max: number,
  api: ManagementApi,
  path: string,
  name: string,
  item: S,
  query: Query = {},
): Promise<{ items: z.output<S>[]; isWhole: boolean }> {
  const items: z.output<S>[] = []
  for (let from: string | undefined; items.length < max; ) {
    const body = await api.get(path, checkpoint, { ...query, take: largestPage, from })
    items.push(...z.array(item).parse(body[name]))
    if (body.next === undefined) return { items, isWhole: true }
    from = body.next
  }
  return { items, isWhole: false }
}
