import type { RoleSources as Sources } from '@rolecall/contract'
import { Link } from 'react-router'
import { sources as text } from './text.ts'

/** What gives somebody a role. One that only a provider gives cannot be taken away here, and says so. */
export function RoleSources({ sources }: { sources: Sources }) {
  const connections = sources.filter(({ source_type: type }) => type === 'CONNECTION')
  const isAssigned = connections.length < sources.length
  return (
    <>
      {isAssigned && <span>{text.assigned}</span>}
      {connections.map(({ source_id: id, source_name: name }) => (
        <span key={id} className="row">
          {text.from} <Link to={`/connections/${id}/roles`}>{name}</Link>
        </span>
      ))}
      {!isAssigned && <span className="dim small">{text.decidedThere}</span>}
    </>
  )
}
