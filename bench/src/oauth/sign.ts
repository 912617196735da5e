import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import { generateKeyPair, SignJWT } from 'jose'

/** A token endpoint without any of its work: it reads the form and signs. */
const { privateKey } = await generateKeyPair('RS256')
const app = Fastify()
await app.register(formbody)
app.post('/', async () => {
  const now = Math.floor(Date.now() / 1000)
  const token = await new SignJWT({ scope: 'read:bench', azp: 'bench', gty: 'client-credentials' })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'bench' })
    .setIssuer('http://localhost:5050/')
    .setSubject('bench@clients')
    .setAudience('https://bench.example.com')
    .setIssuedAt(now)
    .setExpirationTime(now + 86_400)
    .sign(privateKey)
  return { access_token: token, expires_in: 86_400, scope: 'read:bench', token_type: 'Bearer' }
})
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) })
process.send?.({ ready: true })
