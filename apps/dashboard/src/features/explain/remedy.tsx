import type { TokenFinding } from '@rolecall/contract'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { remedies as text } from './text.ts'

interface Props {
  code: TokenFinding
  /** The API that the token is for. */
  api: { id: string } | undefined
}

/** The way to the switch that a finding is about. */
export function Remedy({ code, api }: Props) {
  const can = useCan()
  const place = placeOf(code, api)
  if (!place || !can(place.needs)) return null
  return <Link to={place.to}>{place.label}</Link>
}

function placeOf(code: TokenFinding, api: { id: string } | undefined) {
  const ofApi = (tab: string, label: string) => ({
    to: api ? `/apis/${api.id}/${tab}` : '/apis',
    label: api ? label : text.apis,
    needs: 'read:resource_servers',
  })
  switch (code) {
    case 'not_a_jwt':
      return { to: '/settings/tenant', label: text.defaultAudience, needs: 'read:tenant_settings' }
    case 'issuer_without_slash':
    case 'wrong_issuer':
    case 'wrong_audience':
      return ofApi('test', text.snippet)
    case 'unknown_key':
      return { to: '/settings/keys', label: text.keys, needs: 'read:signing_keys' }
    case 'no_permissions_claim':
    case 'permission_in_scope':
    case 'too_large':
      return ofApi('settings', text.switches)
    case 'expired':
      return ofApi('settings', text.lifetime)
    default:
      return undefined
  }
}
