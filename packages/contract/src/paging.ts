import { z } from 'zod'
import { member } from './member.ts'

const flag = z.enum(['true', 'false'])
/** 10 million pages of 100 items, more than any table has. The offset stays a safe integer. */
const maxPages = 10_000_000

/** Numbered pages return an array, or with `include_totals=true` an object with totals. */
export const pageQuery = z.object({
  page: z.coerce.number().int().min(0).max(maxPages).optional().describe('Number of the page, from 0'),
  per_page: z.coerce.number().int().min(1).max(100).optional().describe('Items on a page: 50 if not given'),
  include_totals: flag.optional().describe('Whether to wrap the items together with their total number'),
  from: z.string().min(1).max(2_000).optional().describe('The `next` of the previous page'),
  take: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('Items on a page by checkpoint; takes precedence over `include_totals`'),
})
export type PageQuery = z.output<typeof pageQuery>

/** Auth0 has no such parameter. */
export const searchQuery = z.object({
  search: z
    .string()
    .max(300)
    .optional()
    .describe(
      'Words of three characters or more are found anywhere in names and ids, shorter ones at their beginnings',
    ),
})

export const fieldsQuery = z.object({
  fields: z
    .string()
    .max(1_000)
    .regex(/^[a-z_]*(,[a-z_]*)*$/, 'must be names separated by commas')
    .optional()
    .describe('Names separated by commas'),
  include_fields: flag.optional().describe('Whether `fields` lists the members to include (true) or to omit'),
})
export type FieldsQuery = z.output<typeof fieldsQuery>

/** The three forms of a list: array, with totals, by checkpoint. */
export function listOf<Name extends string, Item extends z.ZodType>(name: Name, item: Item) {
  const items = member(name, z.array(item))
  return z.union([
    z.array(item),
    z.object({
      start: z.number().int(),
      limit: z.number().int(),
      total: z.number().int(),
      length: z.number().int().optional(),
      ...items,
    }),
    z.object({ ...items, next: z.string().optional() }),
  ])
}
