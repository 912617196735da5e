import type { ServerResponse } from 'node:http'

/**
 * What every answer carries (OWASP ASVS 5.0 §3.4). Set on Node's own response, so that answers which do not pass
 * through Fastify, oidc-provider's among them, have it too; a page that needs another policy sets its own.
 */
export function setSecurityHeaders(response: ServerResponse, https: boolean): void {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('x-frame-options', 'DENY')
  response.setHeader(
    'content-security-policy',
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  )
  if (https) response.setHeader('strict-transport-security', 'max-age=31536000; includeSubDomains')
}
