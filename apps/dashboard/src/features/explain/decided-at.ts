import type { ClaimsAnswer, Explanation } from '@rolecall/contract'
import { places as text } from './text.ts'

type Code = Explanation['checks'][number]['code'] | ClaimsAnswer['refusals'][number]['code']

interface Concerned {
  api: { id: string }
  user?: { user_id: string } | undefined
  application?: { client_id: string } | undefined
}

type Place = { to: string; label: string } | undefined

const ofUser =
  (tab: string, label: string) =>
  ({ user }: Concerned): Place =>
    user && { to: `/users/${encodeURIComponent(user.user_id)}/${tab}`, label }
const ofApplication =
  (tab: string, label: string) =>
  ({ application }: Concerned): Place =>
    application && { to: `/applications/${application.client_id}/${tab}`, label }

const places: Record<Code, (concerned: Concerned) => Place> = {
  user_not_blocked: ofUser('details', text.account),
  permission_held: ofUser('roles', text.roles),
  application_may_request: ofApplication('settings', text.grantTypes),
  client_grant: ofApplication('apis', text.grants),
  scope_granted: ofApplication('apis', text.grants),
  subject_type_allowed: ({ api }) => ({ to: `/apis/${api.id}/settings`, label: text.apiSettings }),
  // The dashboard has no page for it.
  connection_enabled: () => undefined,
}

/** The page where a fact is decided. */
export const placeOf = (code: Code, concerned: Concerned): Place => places[code](concerned)
