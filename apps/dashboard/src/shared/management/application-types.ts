import type { NewApplication } from './applications.ts'

export const applicationTypes = ['spa', 'regular_web', 'native', 'non_interactive'] as const
export type ApplicationType = (typeof applicationTypes)[number]

/** A new application, ready for its kind: what Auth0's own wizard would choose, without the implicit flow (RFC 9700 §2.1.2). */
export function newApplication(name: string, type: ApplicationType, origin: string): NewApplication {
  const secretless = type === 'spa' || type === 'native'
  return {
    name,
    app_type: type,
    oidc_conformant: true,
    grant_types:
      type === 'non_interactive' ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    ...(secretless && { token_endpoint_auth_method: 'none' as const }),
    ...(origin && {
      callbacks: [`${origin}/callback`],
      allowed_logout_urls: [origin],
      web_origins: [origin],
    }),
  }
}
