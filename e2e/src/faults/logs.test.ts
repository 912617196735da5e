/** What the server logs during use and misuse (ASVS 16.2.5, 16.4.1). The tests build on each other. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import {
  audience,
  authorizationRequest,
  Browser,
  redeem,
  refresh,
  requestToken,
  password as rightPassword,
  type TokenAnswer,
} from '@rolecall/server/test-kit'
import { site } from '../start/launcher.ts'
import { type CompletedLogIn, completeLogIn, newPerson, signUpByApi } from './people.ts'
import { Secrets } from './secrets.ts'
import { type Home, makeHome, type ServerProcess, startServerProcess } from './server-process.ts'

const limit = { timeout: 60_000 }
const secrets = new Secrets()
const forged = '{"level":"info","msg":"all is well"}'
const cleanups: (() => void)[] = []
let folder: string
let home: Home
let server: ServerProcess

before(async () => {
  const place = await site({ after: (clean) => cleanups.push(clean) })
  folder = place.dir
  home = await makeHome(place, { LOG_LEVEL: 'trace' })
  server = await startServerProcess(home.env)
})
after(async () => {
  await server?.end('SIGTERM')
  for (const clean of cleanups) clean()
})

test('users sign up, log in, refresh, revoke, log out and reset passwords', limit, async () => {
  const { spa, issuer } = home
  const person = newPerson()
  secrets.note('password', person.password)
  const first = noted(await completeLogIn(home, person, 'signup'))
  const tokens = notedTokens(await redeem(home, spa.clientId, first))
  const renewed = notedTokens(await refresh(home, spa.clientId, tokens.refresh_token))
  assert.equal((await refresh(home, spa.clientId, tokens.refresh_token)).status, 403)
  assert.equal((await redeem(home, spa.clientId, first)).status, 403)
  for (const token of [renewed.access_token, `${renewed.access_token}x`])
    await fetch(`${issuer}userinfo?access_token=${token}`, { headers: { authorization: `Bearer ${token}` } })
  await fetch(`${issuer}oauth/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: spa.clientId, token: renewed.refresh_token }),
  })
  const again = noted(await completeLogIn(home, person, 'login'))
  await again.browser.open(`/v2/logout?client_id=${spa.clientId}`)
  await again.browser.open(`/oidc/logout?id_token_hint=${tokens.id_token}`)

  const byApi = newPerson()
  secrets.note('password', byApi.password)
  assert.equal((await signUpByApi(home, byApi)).status, 200)
  const wrong = secrets.note('password', 'quite another sentence')
  await assert.rejects(completeLogIn(home, { ...byApi, password: wrong }, 'login'))

  await fetch(`${issuer}dbconnections/change_password`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_id: spa.clientId,
      email: byApi.email,
      connection: 'Username-Password-Authentication',
    }),
  })
  const browser = new Browser(issuer)
  const page = await browser.open(secrets.note('link', await resetLinkFor(byApi.email)))
  secrets.note('ticket', new URL(page.url).searchParams.get('ticket'))
  const done = await browser.submit(page, {
    password: secrets.note('password', 'a heron under the 5th arch'),
  })
  assert.match(done.text, /Password changed/)
})

test('applications authenticate with right and wrong secrets', limit, async () => {
  const { service, issuer } = home
  const secret = secrets.note('client secret', service.clientSecret)
  const request = { grant_type: 'client_credentials', audience }
  const post = { client_id: service.clientId, client_secret: secret }
  notedTokens(await requestToken(home, { ...request, ...post }))
  const guess = secrets.note('client secret', 'not-the-secret-of-this-client')
  for (const given of [secret, guess]) {
    const basic = Buffer.from(`${service.clientId}:${given}`).toString('base64')
    await requestToken(home, request, { authorization: `Basic ${basic}` })
  }
  assert.equal((await requestToken(home, { ...request, ...post, client_secret: guess })).status, 401)
  assert.ok((await requestToken(home, { ...post, grant_type: 'nonsense' })).status < 500)
  const query = new URLSearchParams({ ...request, ...post }).toString()
  await fetch(`${issuer}oauth/token?${query}`)
  await fetch(`${issuer}oauth/token?${query}`, { method: 'POST' })
})

test('malformed requests contain secrets', limit, async () => {
  const { issuer } = home
  const password = secrets.note('password', 'in a body that is no JSON')
  const cut = `{"password": "${password}", "password": "${password}`
  for (const path of ['oauth/token', 'oauth/revoke', 'dbconnections/signup', 'api/v2/users'])
    for (const type of [
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/xml',
    ])
      for (const body of [cut, `${password}${cut}`, JSON.stringify({ password: { password } })]) {
        const headers = { 'content-type': type, authorization: `Bearer ${password}`, cookie: `x=${password}` }
        const answer = await fetch(issuer + path, { method: 'POST', headers, body })
        assert.ok(answer.status < 500, `${path} answered ${answer.status} to ${type}`)
      }
  const { url } = authorizationRequest(home, home.spa.clientId, { redirect_uri: `http://${password}/` })
  assert.equal((await new Browser(issuer).open(url)).status, 400)
})

test('names, user agents and paths try to forge a log line', limit, async () => {
  const { spa, issuer } = home
  const hostile = [
    `a\r\n${forged}`,
    `a\n${forged}\n`,
    `\u2028${forged}\u2029`,
    `"}${forged}`,
    '\u001B[31m\0\b',
  ]
  for (const email of hostile) {
    const browser = new Browser(issuer, { 'user-agent': `x ${encodeURIComponent(email)} "}${forged}` })
    const { url } = authorizationRequest(home, spa.clientId)
    const page = await browser.open(url)
    const refused = await browser.submit(page, { email, password: rightPassword })
    assert.ok(refused.status >= 400 && refused.status < 500)
    const person = { ...newPerson(), email }
    assert.equal((await signUpByApi(home, person)).status, 400)
    await requestToken(home, { grant_type: email, client_id: email, audience: email, code: email })
    await fetch(issuer + encodeURIComponent(email))
    await fetch(`${issuer}api/v2/users/${encodeURIComponent(email)}`)
    await fetch(`${issuer}authorize?client_id=${encodeURIComponent(email)}`)
  }
  // No HTTP client sends these, so they are written as bytes.
  for (const line of [
    `GET /${forged} HTTP/1.1\r\nuser-agent: ${forged}`,
    `GET /%0d%0a${forged} HTTP/1.1\r\nuser-agent: a\u0007\t"${forged}`,
    `GET /\n${forged} HTTP/1.1`,
    `GET / HTTP/1.1\r\nx-forwarded-for: ${forged}\r\nx-request-id: ${forged}`,
    forged,
  ])
    await sendBytes(`${line}\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
})

test(
  'the log has an entry for each of these, one JSON object per line, and contains no secret',
  limit,
  async () => {
    const answer = await fetch(`${home.issuer}the-last-request`)
    assert.equal(answer.status, 404)
    await server.end('SIGTERM')
    const entries = server.lines.map((line): Record<string, unknown> => {
      const entry: unknown = JSON.parse(line)
      assert.ok(typeof entry === 'object' && entry !== null && !Array.isArray(entry), line)
      return { ...entry }
    })
    for (const entry of entries) assert.equal(typeof entry['level'], 'number')
    const paths = new Set(entries.map(({ req }) => (req as { path?: string } | undefined)?.path))
    for (const path of [
      '/authorize',
      '/oauth/token',
      '/dbconnections/signup',
      '/u/reset-password',
      '/v2/logout',
    ])
      assert.ok(paths.has(path), `nothing was logged of ${path}`)
    assert.ok(paths.has('/the-last-request'))

    for (const kind of [
      'password',
      'code',
      'access_token',
      'id_token',
      'refresh_token',
      'client secret',
      'ticket',
    ])
      assert.ok(secrets.kinds.has(kind), `the run used no ${kind}`)
    assert.ok(secrets.kinds.has('cookie rolecall_session'))
    assert.deepEqual(secrets.foundIn(server.lines.join('\n')), [])
  },
)

test('the tenant log contains no secret, and each of its texts is one line', limit, () => {
  const database = new DatabaseSync(join(folder, 'rolecall.db'), { readOnly: true })
  try {
    const rows = database.prepare('select * from logs').all()
    const types = new Set(rows.map(({ type }) => type))
    for (const type of ['s', 'ss', 'f', 'fs', 'seacft', 'sertft', 'ferrt'])
      assert.ok(types.has(type), `no ${type}`)
    assert.deepEqual(secrets.foundIn(JSON.stringify(rows)), [])
    const texts = rows.flatMap((row) => Object.values(row).filter((value) => typeof value === 'string'))
    assert.deepEqual(
      texts.filter((value) => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)),
      [],
    )
  } finally {
    database.close()
  }
})

function noted(arrival: CompletedLogIn): CompletedLogIn {
  secrets.note('code', arrival.code)
  secrets.note('verifier', arrival.request.verifier)
  secrets.noteCookies(arrival.browser)
  return arrival
}

function notedTokens({ status, body }: TokenAnswer): TokenAnswer['body'] {
  assert.equal(status, 200)
  for (const [name, value] of Object.entries(body))
    if (name.endsWith('_token')) secrets.note(name, String(value))
  return body
}

/** Reads the link from the outbox. Waits for it, because the response is sent before the mail is queued. */
async function resetLinkFor(email: string): Promise<string> {
  const database = new DatabaseSync(join(folder, 'rolecall.db'), { readOnly: true })
  try {
    const mails = database.prepare('select text from outbox where recipient = ? order by created_at desc')
    for (;;) {
      const links = mails.all(email).map(({ text: body }) => /\S+reset-password\S+/.exec(String(body))?.[0])
      const link = links.find((found) => found !== undefined)
      if (link) return link
      // Waits for the server by one more request.
      await fetch(`${home.issuer}readyz`)
    }
  } finally {
    database.close()
  }
}

async function sendBytes(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(home.issuer).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.end(bytes)
  return text(socket)
}
