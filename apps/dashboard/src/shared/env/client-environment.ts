import type { Client } from '../management/applications.ts'
import { domainOf } from './domain.ts'

interface Facts {
  application: Client
  /** With the trailing slash. */
  issuer: string
  audience: string
  apiUrl: string
}

/** The variables of a client: by the names that the sample applications read. */
export function clientEnvironment({ application, issuer, audience, apiUrl }: Facts): string {
  const { client_id, app_type, callbacks = [] } = application
  const domain = domainOf(issuer)
  if (app_type === 'spa')
    return lines({
      VITE_AUTH0_DOMAIN: domain,
      VITE_AUTH0_CLIENT_ID: client_id,
      VITE_AUTH0_CALLBACK_URL: callbacks[0] ?? 'http://localhost:4040/callback',
      VITE_AUTH0_AUDIENCE: audience,
      VITE_API_SERVER_URL: apiUrl,
    })
  return lines({
    AUTH0_DOMAIN: domain,
    AUTH0_CLIENT_ID: client_id,
    ...(app_type !== 'native' && { AUTH0_CLIENT_SECRET: 'YOUR_CLIENT_SECRET' }),
    ...(app_type !== 'non_interactive' && { AUTH0_CALLBACK_URL: callbacks[0] ?? '' }),
    AUTH0_AUDIENCE: audience,
    API_SERVER_URL: apiUrl,
  })
}

export function lines(variables: Record<string, string>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
