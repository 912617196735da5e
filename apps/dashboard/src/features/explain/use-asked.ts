import { useSearchParams } from 'react-router'
import type { Asked } from '../../shared/explain-links.ts'
import { useSearchChange, withFilter } from '../../shared/url-state.ts'

/** The question in the address, and a function that changes parts of it. */
export function useAsked(): [asked: Asked, ask: (changes: Partial<Asked>) => void] {
  const [search] = useSearchParams()
  const change = useSearchChange()
  const get = (name: keyof Asked) => search.get(name) ?? ''
  return [
    { user: get('user'), client: get('client'), api: get('api'), permission: get('permission') },
    (changes) =>
      change((old) =>
        Object.entries(changes).reduce((asked, [name, value]) => withFilter(asked, name, value), old),
      ),
  ]
}
