/** Routes that do a part of the server's work and nothing else: sign a token, verify a password, answer with a text. */
import { argon2 } from 'node:crypto'
import { promisify } from 'node:util'
import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import { generateKeyPair, SignJWT } from 'jose'

const app = Fastify()
await app.register(formbody)

for (const alg of ['RS256', 'ES256'] as const) {
  const { privateKey } = await generateKeyPair(alg)
  app.post(`/sign/${alg}`, async () => {
    const now = Math.floor(Date.now() / 1000)
    const token = await new SignJWT({ scope: 'read:bench', azp: 'bench', gty: 'client-credentials' })
      .setProtectedHeader({ alg, typ: 'JWT', kid: 'bench' })
      .setIssuer('http://localhost:5050/')
      .setSubject('bench@clients')
      .setAudience('https://bench.example.com')
      .setIssuedAt(now)
      .setExpirationTime(now + 86_400)
      .sign(privateKey)
    return { access_token: token, expires_in: 86_400, scope: 'read:bench', token_type: 'Bearer' }
  })
}

const hash = promisify(argon2)
/** As the server hashes: OWASP's minimum for argon2id, 19 MiB and two passes. */
const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }
app.post('/argon2id', async () => {
  await hash('argon2id', { message: 'password', nonce: Buffer.alloc(16, 1), ...cost })
  return {}
})

const texts = new Map<string, string>()
app.get<{ Params: { length: string } }>('/text/:length', (request, reply) => {
  const { length } = request.params
  const text = texts.get(length) ?? JSON.stringify('x'.repeat(Number(length) - 2))
  texts.set(length, text)
  return reply.type('application/json').send(text)
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) })
process.send?.({ ready: true })
