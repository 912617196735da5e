import type { ClaimsAnswer, Explanation } from '@rolecall/contract'
import { places as text } from './text.ts'

type Code = Explanation['checks'][number]['code'] | ClaimsAnswer['refusals'][number]['code']

interface Concerned {
  api: { id: string }
  user?: { user_id: string } | undefined
  application?: { client_id: string } | undefined
}

/** The page where a fact is decided. */
export function placeOf(
  code: Code,
  { api, user, application }: Concerned,
): { to: string; label: string } | undefined {
  const ofUser = user && `/users/${encodeURIComponent(user.user_id)}`
  const ofApplication = application && `/applications/${application.client_id}`
  switch (code) {
    case 'user_not_blocked':
      return ofUser ? { to: `${ofUser}/details`, label: text.account } : undefined
    case 'permission_held':
      return ofUser ? { to: `${ofUser}/roles`, label: text.roles } : undefined
    case 'application_may_request':
      return ofApplication ? { to: `${ofApplication}/settings`, label: text.grantTypes } : undefined
    case 'client_grant':
    case 'scope_granted':
      return ofApplication ? { to: `${ofApplication}/apis`, label: text.grants } : undefined
    case 'subject_type_allowed':
      return { to: `/apis/${api.id}/settings`, label: text.apiSettings }
    default:
      return undefined
  }
}
