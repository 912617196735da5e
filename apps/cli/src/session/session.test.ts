import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import {
  assignRoles,
  Browser,
  createApplication,
  createClientGrant,
  findSystemApi,
  findSystemRole,
  formsOf,
  makeTutorial,
  ownerRoleName,
  password,
  startServer,
  transaction,
} from '@rolecall/server/test-kit'
import { stores } from '@rolecall/server/test-kit/store'
import { testTerminal } from '../testing.ts'

const [kind] = stores
const email = 'admin@example.com'

/** A server with an owner, a native application for people, and a service that may read roles. */
async function start(t: TestContext) {
  assert.ok(kind)
  const { ctx, issuer } = await startServer(t, kind)
  const { admin } = await makeTutorial(ctx)
  const api = await findSystemApi(ctx.store.db)
  const owner = await findSystemRole(ctx.store.db, ownerRoleName)
  assert.ok(api && owner)
  return transaction(ctx, async (tx) => {
    await assignRoles(tx, admin.userId, [owner.id])
    const { application } = await createApplication(tx, {
      name: 'Command line',
      app_type: 'native',
      callbacks: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    })
    const { clientId } = application
    await createClientGrant(tx, { clientId, apiId: api.id, subjectType: 'user', allowAllScopes: true })
    const service = await createApplication(tx, { name: 'Service', app_type: 'non_interactive' })
    await createClientGrant(tx, {
      clientId: service.application.clientId,
      apiId: api.id,
      scope: ['read:roles'],
    })
    return { issuer, clientId, service }
  })
}

async function logInAt(issuer: string, url: string) {
  const browser = new Browser(issuer)
  const done = await browser.submit(await browser.open(url), { email, password })
  const callback = done.headers.get('location')
  assert.ok(callback, done.text)
  return callback
}

describe('a log-in', () => {
  it('in the browser stores tokens that only the owner of the file can read, and a command uses them', async (t) => {
    const { issuer, clientId } = await start(t)
    const pages: string[] = []
    const open = async (url: string) => {
      const callback = await logInAt(issuer, url)
      const withoutState = new URL(callback)
      withoutState.searchParams.set('state', 'guessed')
      pages.push(await (await fetch(withoutState)).text(), await (await fetch(callback)).text())
    }
    const { run, folder } = await testTerminal(t, {}, { open })
    const login = await run('login', '--issuer', issuer, '--client-id', clientId, '--profile', 'local')
    assert.deepEqual([login.code, login.notes.includes('refused')], [0, false], login.notes)
    assert.match(login.out, /The profile local is the current one/)
    assert.deepEqual(pages, ['Not found\n', 'You are logged in. Close this page.\n'])
    const file = join(folder, '.config/rolecall/profiles.json')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal((await stat(join(folder, '.config/rolecall'))).mode & 0o777, 0o700)

    const roles = await run('api', 'GET', '/roles')
    assert.equal(roles.code, 0, roles.notes)
    assert.deepEqual(
      (JSON.parse(roles.out) as { name: string }[]).map(({ name }) => name).includes(ownerRoleName),
      true,
    )
    assert.match((await run('profiles')).out, /^\* {2}local/)

    const { profiles } = JSON.parse(await readFile(file, 'utf8'))
    const refresh = profiles.local.tokens.refreshToken
    assert.equal((await run('logout')).code, 0)
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')).profiles, {})
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refresh,
    })
    const again = await fetch(new URL('oauth/token', issuer), { method: 'POST', body })
    assert.equal(again.status, 403, 'the refresh token is revoked')
  })

  it('that the person refuses ends the command with the reason', async (t) => {
    const { issuer, clientId } = await start(t)
    const open = async (url: string) => {
      const request = new URL(url).searchParams
      const callback = new URL(request.get('redirect_uri') ?? '')
      callback.search = new URLSearchParams({
        state: request.get('state') ?? '',
        error: 'access_denied',
        error_description: 'The person said no',
      }).toString()
      await fetch(callback)
    }
    const { run } = await testTerminal(t, {}, { open })
    const { code, notes } = await run('login', '--issuer', issuer, '--client-id', clientId)
    assert.equal(code, 1)
    assert.match(notes, /The server refused the log-in: The person said no/)
  })

  it('with a code works in a browser of another machine', async (t) => {
    const { issuer, clientId } = await start(t)
    const read = async (note: string) => {
      const [, code] = /enter the code (\S+)$/.exec(note) ?? []
      if (code === undefined) return
      const browser = new Browser(issuer)
      const confirm = await browser.submit(await browser.open('/activate'), { user_code: code })
      const { abort: _, ...fields } = formsOf(confirm)[0]?.fields ?? {}
      const login = await browser.open('/activate', {
        method: 'POST',
        body: new URLSearchParams({ ...fields, confirm: 'yes' }),
        headers: { origin: new URL(issuer).origin, 'sec-fetch-site': 'same-origin' },
      })
      const done = await browser.submit(login, { email, password })
      assert.match(done.text, /Device connected/)
    }
    const { run } = await testTerminal(t, {}, { read })
    const login = await run('login', '--device', '--issuer', issuer, '--client-id', clientId)
    assert.equal(login.code, 0, login.notes)
    assert.equal((await run('api', 'GET', '/roles')).code, 0)
  })
})

describe('an application in the environment', () => {
  it('logs in with its secret, and a refusal says which scope is missing', async (t) => {
    const { issuer, service } = await start(t)
    const env = {
      ROLECALL_ISSUER: issuer,
      ROLECALL_CLIENT_ID: service.application.clientId,
      ROLECALL_CLIENT_SECRET: service.clientSecret ?? '',
    }
    const { run } = await testTerminal(t, env)
    assert.equal((await run('api', 'GET', '/roles')).code, 0)
    const refused = await run('api', 'GET', '/clients')
    assert.equal(refused.code, 1)
    assert.match(refused.notes, /Insufficient scope, expected any of: read:clients.*\(status 403\)/)
  })

  it('is told that its secret is wrong, without the secret', async (t) => {
    const { issuer, service } = await start(t)
    const env = {
      ROLECALL_ISSUER: issuer,
      ROLECALL_CLIENT_ID: service.application.clientId,
      ROLECALL_CLIENT_SECRET: 'wrong-secret-of-the-service',
    }
    const { run } = await testTerminal(t, env)
    const { code, notes } = await run('api', 'GET', '/roles')
    assert.equal(code, 1)
    assert.match(notes, /The server refused the log-in/)
    assert.ok(!notes.includes('wrong-secret'))
  })

  it('is told when nothing answers', async (t) => {
    const env = {
      ROLECALL_ISSUER: 'http://127.0.0.1:1/',
      ROLECALL_CLIENT_ID: 'c',
      ROLECALL_CLIENT_SECRET: 's',
    }
    const { run } = await testTerminal(t, env)
    const { code, notes } = await run('api', 'GET', '/roles')
    assert.equal(code, 1)
    assert.match(notes, /^Nothing answers at http:\/\/127\.0\.0\.1:1: /)
  })
})
