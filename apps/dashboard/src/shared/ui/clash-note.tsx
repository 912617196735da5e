import { Link } from 'react-router'
import { useClashes } from '../management/clashes.ts'
import { Callout } from './tag.tsx'
import { clashes as text } from './text.ts'

/** Above a list: the pairs whose names clash, with links to both. Nothing where there are none. */
export function ClashNote({ kind }: { kind: 'users' | 'roles' }) {
  const { data = [] } = useClashes(kind)
  if (data.length === 0) return null
  return (
    <Callout tone="warn">
      <strong>{text.title[kind]}</strong> {text.body}
      <ul>
        {data.map(({ property, id, value, holder }) => (
          <li key={`${property} ${id}`}>
            <Link to={encodeURIComponent(holder.id)}>{holder.value}</Link> {text.and}{' '}
            <Link to={encodeURIComponent(id)}>{value}</Link>
          </li>
        ))}
      </ul>
    </Callout>
  )
}
