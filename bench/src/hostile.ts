/**
 * What one hostile request costs the server: 50 kB of text in each field of the Management API, in both searches, and
 * tokens for the guard that are not tokens. It is processor time, for which no other program on the machine counts, and
 * the better of two runs, because the garbage collector may work in one of them.
 */
import { createGuard } from '@rolecall/guard'
import { createTestIssuer } from '@rolecall/guard/testing'
import { type ManagementServer, startManagement } from '@rolecall/server/test-kit'
import { stores } from '@rolecall/server/test-kit/store'
import type { BenchRow } from './results.ts'

const length = 50_000
const texts = ['a@', 'a.', ' ', '<', '(', '((a) OR ', 'NOT ', '-', '"', '*a', '\\', '[', 'a:']
  .map((piece) => piece.repeat(length / piece.length))
  .concat(`${'a'.repeat(length / 2)}@${'a.'.repeat(length / 4)}`, `http://${'a.'.repeat(length / 2)}`)

export async function* bench(): AsyncGenerator<BenchRow> {
  const closing: (() => Promise<void>)[] = []
  try {
    const [kind] = stores
    if (kind === undefined) throw new Error('no store')
    // Every look at the clock moves it on, so that the limit of requests never answers instead of the route.
    let now = Date.now()
    const server = await startManagement({ after: (close) => closing.push(close) }, kind, () => now++)
    yield within('slowest hostile text in a field of the Management API', await slowestField(server))
    yield within('slowest hostile search for users or log entries', await slowestSearch(server))
    yield within('slowest hostile token, refused by the guard', await slowestToken())
  } finally {
    for (const close of closing) await close()
  }
}

function within(what: string, value: number): BenchRow {
  return { what, value, unit: 'ms', goal: '≤ 100', met: value <= 100 }
}

async function slowestField(server: ManagementServer): Promise<number> {
  const { body } = await server.call('GET', '/openapi.json')
  let slowest = 0
  for (const [path, methods] of Object.entries(body['paths'] ?? {}))
    for (const [name, operation] of Object.entries(methods)) {
      const method = methodNamed(name)
      const properties =
        operation['requestBody']?.['content']?.['application/json']?.['schema']?.['properties']
      const url = path.slice('/api/v2'.length).replaceAll(/\{\w+\}/g, 'x')
      for (const field of Object.keys(properties ?? {}))
        for (const text of texts)
          slowest = Math.max(slowest, await cpuTime(() => server.call(method, url, { [field]: text })))
    }
  return slowest
}

function methodNamed(name: string) {
  const methods = { get: 'GET', post: 'POST', patch: 'PATCH', put: 'PUT', delete: 'DELETE' } as const
  const found = Object.entries(methods).find(([known]) => known === name)
  if (!found) throw new Error(`no method is called ${name}`)
  return found[1]
}

async function slowestSearch(server: ManagementServer): Promise<number> {
  let slowest = 0
  for (const list of ['/users', '/logs'])
    for (const text of texts) {
      const search = () => server.call('GET', `${list}?q=${encodeURIComponent(text)}`)
      slowest = Math.max(slowest, await cpuTime(search))
    }
  return slowest
}

async function slowestToken(): Promise<number> {
  const issuer = await createTestIssuer({ audience: 'https://api.example.com' })
  const guard = createGuard({ issuer: issuer.issuer, audience: issuer.audience, keys: issuer.keys })
  const good = await issuer.token({ sub: 'auth0|1' })
  const [header = '', , signature = ''] = good.split('.')
  const claims = texts.map((text) => JSON.stringify({ iss: text, aud: [text], sub: text, exp: text }))
  const nested = `${'['.repeat(length)}${']'.repeat(length)}`
  const tokens = [
    ...texts,
    ...[...claims, nested].map(
      (claim) => `${header}.${Buffer.from(claim).toString('base64url')}.${signature}`,
    ),
  ]
  let slowest = 0
  for (const token of tokens)
    slowest = Math.max(
      slowest,
      await cpuTime(() =>
        guard.verify(token).then(
          () => Promise.reject(new Error('a hostile token was accepted')),
          () => undefined,
        ),
      ),
    )
  return slowest
}

/** Milliseconds. */
async function cpuTime(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < 2; run++) {
    const start = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(start)
    times.push((user + system) / 1_000)
  }
  return Math.min(...times)
}
