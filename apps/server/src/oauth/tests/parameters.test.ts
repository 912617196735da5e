import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import { tutorial } from '../../seed/tutorial.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import type { Browser } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { audience, authorizationRequest, callback, logIn, redeem } from '../../testing/tutorial.ts'

interface Row {
  endpoint: string
  parameter: string
  treatment: string
  value: string
}

/** The rows of `docs/parameters.md`. */
function readRows(): Row[] {
  const text = readFileSync(new URL('../../../../../docs/parameters.md', import.meta.url), 'utf8')
  return text.split('\n## ').flatMap((section) => {
    const endpoint = /^`([^`]+)`/.exec(section)?.[1]
    if (endpoint === undefined) return []
    return [...section.matchAll(/^\| `([^`]+)` \| (\w+) \| (?:`([^`]+)`)? ?\|/gm)].map(
      ([, parameter = '', treatment = '', value = '']) => ({ endpoint, parameter, treatment, value }),
    )
  })
}

type Fields = Record<string, string>
/** What came of a request, without what differs each time: where it led, or the name of its error. */
type Ask = (changed: Fields, twice?: string) => Promise<{ outcome: string; refused: boolean }>

const rows = readRows()
const connection = 'Username-Password-Authentication'

for (const store of stores)
  describe(`docs/parameters.md is true (${store.name})`, () => {
    let now = Date.now()
    // Each look at it moves it on, so that no limit of requests answers instead.
    const server = tutorialServer(store, { clock: () => (now += 50) })
    let browser: Browser
    let accessToken: string
    const asks: Record<string, Ask> = {}

    const query = (fields: Fields, twice?: string) => {
      const params = new URLSearchParams(fields)
      if (twice !== undefined) params.append(twice, fields[twice] ?? 'x')
      if (twice !== undefined && fields[twice] === undefined) params.append(twice, 'x')
      return params
    }
    const read = async (status: number, text: string, location: string | null) => {
      const target = location === null ? undefined : new URL(location, server.issuer)
      const params = new URLSearchParams(target?.search.slice(1) || target?.hash.slice(1))
      const code = /"(?:error|code)":"([^"]+)"/.exec(text)?.[1]
      const error = params.get('error') ?? code
      const where = target && target.origin + target.pathname.replace(/interaction\/.*/, 'interaction')
      const title = /<h1>([^<]*)/.exec(text)?.[1]
      const active = /"active":(\w+)/.exec(text)?.[1]
      const outcome = [status, where, error, title, active].join(' ')
      return { outcome, refused: status >= 400 || params.has('error') }
    }
    const send = async (path: string, init: RequestInit) => {
      const response = await fetch(new URL(path, server.issuer), { redirect: 'manual', ...init })
      return read(response.status, await response.text(), response.headers.get('location'))
    }

    before(async () => {
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Machine',
          app_type: 'non_interactive',
        }),
      )
      await transaction(server.ctx, (tx) =>
        createClientGrant(tx, {
          clientId: application.clientId,
          apiId: server.api.id,
          scope: [tutorial.permission.value],
        }),
      )
      const login = await logIn(server, server.clientId, 'admin@example.com')
      browser = login.browser
      accessToken = (await redeem(server, server.clientId, login)).body.access_token

      const open = async (path: string) => {
        const page = await browser.open(path)
        const url = new URL(page.url)
        return read(
          page.status,
          page.text,
          page.headers.get('location') ?? (url.pathname.startsWith('/interaction') ? url.href : null),
        )
      }
      const post =
        (path: string, right: Fields): Ask =>
        (changed, twice) =>
          send(path, { method: 'POST', body: query({ ...right, ...changed }, twice) })
      asks['/authorize'] = (changed, twice) => {
        const url = new URL(authorizationRequest(server, server.clientId).url)
        const right = Object.fromEntries(url.searchParams)
        if ('resource' in changed || twice === 'resource') delete right['audience']
        return open(`/authorize?${query({ ...right, ...changed }, twice).toString()}`)
      }
      const machine = { client_id: application.clientId, client_secret: clientSecret }
      const token = { ...machine, grant_type: 'client_credentials', audience }
      asks['/oauth/token'] = (changed, twice) => {
        const { audience: _, ...others } = token
        return post('/oauth/token', 'resource' in changed ? others : token)(changed, twice)
      }
      const { application: web, clientSecret: webSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Web application',
          app_type: 'regular_web',
          callbacks: [callback],
        }),
      )
      asks['/oauth/par'] = (changed, twice) => {
        const right = Object.fromEntries(new URL(authorizationRequest(server, web.clientId).url).searchParams)
        if ('resource' in changed || twice === 'resource') delete right['audience']
        return post('/oauth/par', { ...right, client_secret: webSecret })(changed, twice)
      }
      const { application: device } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Device',
          app_type: 'native',
          grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
        }),
      )
      asks['/oauth/device/code'] = (changed, twice) => {
        const { audience: _, ...others } = { client_id: device.clientId, audience, scope: 'openid' }
        return post('/oauth/device/code', {
          ...others,
          ...(!('resource' in changed) && twice !== 'resource' && { audience }),
        })(changed, twice)
      }
      asks['/oauth/revoke'] = post('/oauth/revoke', { ...machine, token: 'garbage' })
      const { access_token: own } = (await (
        await fetch(new URL('/oauth/token', server.issuer), {
          method: 'POST',
          body: new URLSearchParams(token),
        })
      ).json()) as { access_token: string }
      asks['/oauth/introspect'] = post('/oauth/introspect', { ...machine, token: own })
      asks['/userinfo'] = (changed, twice) =>
        send('/userinfo', {
          method: 'POST',
          headers: { authorization: `Bearer ${accessToken}` },
          body: query(changed, twice),
        })
      asks['/oidc/logout'] = (changed, twice) => open(`/oidc/logout?${query(changed, twice).toString()}`)
      asks['/v2/logout'] = (changed, twice) =>
        send(
          `/v2/logout?${query({ client_id: server.clientId, returnTo: 'http://localhost:4040', ...changed }, twice).toString()}`,
          {},
        )
      const account = { client_id: server.clientId, connection, email: 'someone@example.com' }
      asks['/dbconnections/signup'] = post('/dbconnections/signup', { ...account, password: 'short' })
      asks['/dbconnections/change_password'] = post('/dbconnections/change_password', account)
    })

    for (const endpoint of new Set(rows.map((row) => row.endpoint)))
      test(endpoint, async () => {
        const ask = asks[endpoint]
        assert.ok(ask)
        const usual = await ask({})
        for (const { parameter, treatment, value } of rows.filter((row) => row.endpoint === endpoint)) {
          if (value) {
            const changed = await ask({ [parameter]: value })
            const what = `${parameter}=${value}: ${usual.outcome} became ${changed.outcome}`
            if (treatment === 'ignored') assert.equal(changed.outcome, usual.outcome, what)
            else assert.notEqual(changed.outcome, usual.outcome, what)
            if (treatment === 'refused') assert.ok(changed.refused, what)
          }
          if (treatment === 'ignored') continue
          const twice = await ask({}, parameter)
          assert.ok(twice.refused && twice.outcome !== usual.outcome, `${parameter} twice: ${twice.outcome}`)
        }
        assert.equal((await ask({ 'not-listed': 'x' })).outcome, usual.outcome)
      })
  })

test('docs/parameters.md has rows for every endpoint', () => {
  assert.equal(new Set(rows.map(({ endpoint }) => endpoint)).size, 11)
  for (const row of rows) assert.match(row.treatment, /^(obeyed|refused|ignored)$/)
  for (const { parameter, treatment, value } of rows)
    assert.ok(treatment === 'obeyed' || value, `${parameter} has a value to try`)
})
