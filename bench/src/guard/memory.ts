/** Prints what 100,000 verified tokens in the guard's cache take, as JSON. Run with `--expose-gc`. */
import { createGuard } from '@rolecall/guard'
import { createTestIssuer } from '@rolecall/guard/testing'

const count = 100_000
const issuer = await createTestIssuer({ algorithm: 'ES256' })
const guard = createGuard({
  issuer: issuer.issuer,
  audience: issuer.audience,
  keys: issuer.keys,
  algorithms: ['ES256'],
  cache: { maxEntries: count, maxBytes: 2 ** 30 },
})

/** As long as an RS256 token of a user with a role: about 900 characters. */
const token = (index: number) =>
  issuer.token({
    sub: `auth0|${String(index).padStart(24, '0')}`,
    scope: 'openid profile email',
    permissions: ['read:admin-messages', 'read:messages', 'write:messages'],
    claims: { filler: 'x'.repeat(256) },
  })

await guard.verify(await token(0))
const before = used()
for (let index = 1; index < count; index += 1) await guard.verify(await token(index))
const bytes = used() - before
const length = (await token(1)).length
process.stdout.write(
  JSON.stringify({ bytes, entries: guard.cached.entries, estimated: guard.cached.bytes, length }),
)

function used(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
