import type { Query } from '../search/lucene.ts'

export type SearchIndex = 'email_key' | 'name_key' | 'user_id'

const indexed: Record<string, SearchIndex> = { email: 'email_key', name: 'name_key', user_id: 'user_id' }

/**
 * Which index narrows a search down to few users: one, several together, or none, and then every user is looked at.
 */
export function indexFor(query: Query): SearchIndex | 'several' | undefined {
  switch (query.kind) {
    case 'all':
      return query.parts.map(indexFor).find((index) => index !== undefined)
    case 'any': {
      const indexes = new Set(query.parts.map(indexFor))
      if (indexes.has(undefined)) return undefined
      return indexes.size === 1 ? [...indexes][0] : 'several'
    }
    case 'not':
      return undefined
    default: {
      const { field, test } = query
      const isNarrow = test.kind === 'text' && (test.pieces[0] ?? '') !== ''
      return isNarrow && field !== undefined && Object.hasOwn(indexed, field) ? indexed[field] : undefined
    }
  }
}
