import type { ServerResponse } from 'node:http'

/**
 * Sets the security headers of every answer (OWASP ASVS 5.0 §3.4) on Node's response, because oidc-provider's answers do
 * not pass through Fastify. A page that needs another policy overrides them.
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
