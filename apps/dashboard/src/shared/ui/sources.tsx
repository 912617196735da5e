import type { UserPermission } from '@rolecall/contract'
import { Link } from 'react-router'
import { Tag } from './tag.tsx'
import { sources as text } from './text.ts'

/** Where a user has a permission from: roles, and an assignment without one. */
export function Sources({ sources }: { sources: UserPermission['sources'] }) {
  return (
    <span className="row">
      {sources.map(({ source_id, source_name, source_type }) =>
        source_type === 'DIRECT' ? (
          <Tag key="direct">{text.direct}</Tag>
        ) : (
          <Link key={source_id} to={`/roles/${source_id}`}>
            {source_name}
          </Link>
        ),
      )}
    </span>
  )
}
