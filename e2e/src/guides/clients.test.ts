/** The guides for programs that get tokens, followed literally against a server. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { createGuard } from '@rolecall/guard'
import { guarded } from '@rolecall/guard/node'
import {
  audience,
  createApplication,
  createClientGrant,
  openContext,
  password,
  readConfig,
  transaction,
} from '@rolecall/server/test-kit'
import { tutorial } from '@rolecall/server/tutorial'
import { packGuard } from '../../../scripts/package/pack.ts'
import { type Home, makeHome, startServerProcess } from '../faults/server-process.ts'
import { submitCredentials } from '../journeys/client.ts'
import { expect, launchBrowser, openVisitor } from '../journeys/visitor.ts'
import { running } from '../packages/system.ts'
import { type Site, site } from '../start/launcher.ts'
import { codeOf, readGuide, saveFiles } from './guide.ts'

type Tx = Parameters<typeof createApplication>[0]

const limit = { timeout: 300_000 }
const spa = 'docs/guides/existing-spa.md'
const machine = 'docs/guides/machine-to-machine.md'

test('machine-to-machine.md: the service gets a token and calls the API', limit, async (t) => {
  const place = await site(t)
  const home = await homeAt(place)
  const service = await inStoreOf(home, async (tx) => {
    const { application, clientSecret = '' } = await createApplication(tx, {
      name: 'Nightly job',
      app_type: 'non_interactive',
    })
    const { clientId } = application
    await createClientGrant(tx, { clientId, apiId: home.api.id, scope: [tutorial.permission.value] })
    return { clientId, clientSecret }
  })
  const server = await startServerProcess(home.env)
  t.after(() => server.end('SIGKILL'))
  const guard = createGuard({ domain: new URL(home.issuer).origin, audience })
  const api = createServer(
    guarded(guard, 'read:admin-messages', (_request, response, subject) => void response.end(subject.sub)),
  ).listen(place.ports.api, '127.0.0.1')
  await once(api, 'listening')
  t.after(() => api.close().closeAllConnections())

  const folder = await mkdtemp(join(tmpdir(), 'rolecall-service-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const guide = await readGuide(machine)
  assert.deepEqual(guide.setUp, [])
  await saveFiles(folder, guide.files)
  const { clientId, clientSecret } = service
  const env = {
    PATH: process.env['PATH'],
    ISSUER: new URL(home.issuer).origin,
    AUDIENCE: audience,
    API: `http://127.0.0.1:${place.ports.api}`,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
  }
  const run = (command: string, more: Record<string, string> = {}) =>
    promisify(execFile)('sh', ['-c', command], { cwd: folder, env: { ...env, ...more }, timeout: 60_000 })
  assert.equal((await run(guide.program)).stdout, `200 ${clientId}@clients\n`)
  await assert.rejects(
    run(guide.program, { CLIENT_SECRET: 'wrong' }),
    /No token: access_denied: Unauthorized/,
  )

  const answer = await run(await codeOf(machine, 'sh curl'))
  assert.match(JSON.parse(answer.stdout).access_token, /^[\w-]+\.[\w-]+\.[\w-]+$/)
})

/** The page of a reader: without a bundler, the browser is told where the package is. */
const index = `<!doctype html>
<title>An application</title>
<script type="importmap">{
  "imports": { "@auth0/auth0-spa-js": "/node_modules/@auth0/auth0-spa-js/dist/auth0-spa-js.production.esm.js" }
}</script>
<p></p>
<button>Log in</button>
<script type="module">
  import { callApi, currentUser, logIn } from '/auth.js'
  document.querySelector('button').onclick = logIn
  const user = await currentUser()
  const answer = user && (await callApi('API/api/messages/admin'))
  document.querySelector('p').textContent = user ? user.email + ' ' + (await answer.text()) : 'No user is logged in.'
</script>`

test('existing-spa.md: the page logs a user in, and calls the API with the token', limit, async (t) => {
  const place = await site(t)
  const origin = `http://localhost:${place.ports.client}`
  const home = await homeAt(place)
  const { application } = await inStoreOf(home, (tx) =>
    createApplication(tx, {
      name: 'An application',
      app_type: 'spa',
      callbacks: [`${origin}/`],
      allowed_logout_urls: [`${origin}/`],
      web_origins: [origin],
    }),
  )
  const server = await startServerProcess(home.env)
  t.after(() => server.end('SIGKILL'))

  const folder = await mkdtemp(join(tmpdir(), 'rolecall-spa-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await packGuard(join(folder, 'rolecall/dist'))
  const { setUp, program, files } = await readGuide(spa)
  const adapted = (text: string) =>
    text
      .replaceAll('http://localhost:5050', new URL(home.issuer).origin)
      .replaceAll('http://localhost:4040', origin)
      .replaceAll('THE-CLIENT-ID', application.clientId)
      .replaceAll('6060', String(place.ports.api))
  const page = join(folder, 'page')
  await saveFiles(page, new Map([...files].map(([name, content]) => [name, adapted(content)])))
  await writeFile(join(page, 'package.json'), '{}')
  await writeFile(join(page, 'index.html'), index.replace('API', `http://localhost:${place.ports.api}`))
  for (const command of setUp)
    await promisify(execFile)('sh', ['-c', `${command} --prefer-offline`], { cwd: page, timeout: 240_000 })
  const api = await running(['sh', '-c', program], { cwd: page }, /localhost/)
  t.after(() => api.end())
  await serveFolder(t, page, place.ports.client)

  const browser = await launchBrowser()
  t.after(() => browser.close())
  const visitor = await openVisitor(browser)
  await visitor.page.goto(`${origin}/?a=page`)
  await expect(visitor.page.locator('p')).toHaveText('No user is logged in.')
  await visitor.page.getByRole('button').click()
  const email = 'admin@example.com'
  await submitCredentials(visitor.page, { email, password })
  await expect(visitor.page.locator('p')).toHaveText(`${email} {"text":"For admins."}`)
  assert.equal(visitor.page.url(), `${origin}/?a=page`)
  await visitor.page.reload()
  await expect(visitor.page.locator('p')).toHaveText(`${email} {"text":"For admins."}`)
  assert.deepEqual(visitor.complaints, [])
})

function homeAt(place: Site): Promise<Home> {
  return makeHome(place, { ISSUER: `http://localhost:${place.ports.server}/`, HOST: 'localhost' })
}

/** Changes the store of a server that does not run yet. */
async function inStoreOf<T>(home: Home, change: (tx: Tx) => Promise<T>): Promise<T> {
  const ctx = await openContext(readConfig(home.env))
  try {
    return await transaction(ctx, change)
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}

async function serveFolder(t: TestContext, folder: string, port: number): Promise<void> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = pathname === '/' ? '/index.html' : pathname
    readFile(join(folder, file)).then(
      (content) =>
        response
          .setHeader('content-type', file.endsWith('.js') ? 'text/javascript' : 'text/html')
          .end(content),
      () => response.writeHead(404).end(),
    )
  }).listen(port, 'localhost')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
}
