/** RFC 6749 §4.4.2, with Auth0's `audience`. */
export function tokenRequest(issuer: string, clientId: string, audience: string): string {
  const body = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: 'YOUR_CLIENT_SECRET',
    audience,
  }
  return `curl ${issuer}oauth/token \\
  -H 'Content-Type: application/json' \\
  -d '${JSON.stringify(body, null, 2).replaceAll("'", String.raw`'\''`)}'`
}

export function guardSnippet(issuer: string, audience: string, permission = 'read:messages'): string {
  return `import { createGuard } from '@rolecall/guard'
import { fastifyGuard } from '@rolecall/guard/fastify'
import Fastify from 'fastify'

const guard = createGuard({ issuer: ${JSON.stringify(issuer)}, audience: ${JSON.stringify(audience)} })
const app = Fastify()
await app.register(fastifyGuard, { guard })
app.get('/messages', { config: { access: ${JSON.stringify(permission)} } }, () => ({ text: 'Hello' }))`
}
