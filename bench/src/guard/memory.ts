/** Prints what 100,000 verified tokens in the guard's cache take, as JSON. Run with `--expose-gc`. */
import { createGuard } from '@rolecall/guard'
import { createTestIssuer } from '@rolecall/guard/testing'
import { tutorial } from '@rolecall/server/tutorial'

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
    permissions: [tutorial.permission.value, 'read:messages', 'write:messages'],
    claims: { filler: 'x'.repeat(256) },
  })

await keep(0)
const before = used()
for (let index = 1; index < count; index += 1) await keep(index)
const bytes = used() - before
const length = (await token(1)).length
process.stdout.write(
  JSON.stringify({ bytes, entries: guard.cached.entries, estimated: guard.cached.bytes, length }),
)

/** Uses a token until it is kept, which most are at the second use. Some make room for another that ends alike. */
async function keep(index: number): Promise<void> {
  const kept = await token(index)
  const { entries } = guard.cached
  for (let use = 0; use < 20 && guard.cached.entries === entries; use += 1) await guard.verify(kept)
}

function used(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
