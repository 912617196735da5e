import { type Removal, useImpact } from '../management/impact.ts'
import { Callout } from './tag.tsx'
import { impact as text } from './text.ts'

/** Says in numbers what a removal breaks. */
export function ImpactNote({ removal }: { removal: Removal }) {
  const { data, error } = useImpact(removal)
  if (error) return <Callout tone="warn">{text.unknown}</Callout>
  if (!data) return <p className="dim">{text.checking}</p>
  const parts = [
    data.roles > 0 && !('role' in removal) && text.roles(data.roles),
    data.direct > 0 && text.direct(data.direct),
    data.applications > 0 && text.applications(data.applications),
  ].filter((part) => part !== false)
  if (data.users === 0 && parts.length === 0) return <p>{text.nobody}</p>
  const one = 'permission' in removal && removal.permission !== undefined
  return (
    <Callout tone="warn">
      <strong>{one ? text.users(data.users) : text.usersSome(data.users)}.</strong>{' '}
      {parts.length > 0 && text.through(parts.join(', '))} {text.tokens}
    </Callout>
  )
}
