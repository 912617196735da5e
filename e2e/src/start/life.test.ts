import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import { adminMessage } from './admin-message.ts'
import { childrenOf, exited, type Lab, type Launcher, launch, type Site, site } from './launcher.ts'

const limit = { timeout: 60_000 }
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** One data folder, started several times: each test continues where the previous one stopped. */
suite('the launcher', { concurrency: false }, () => {
  let home: Site
  let launcher: Launcher
  let lab: Lab
  const cleanups: (() => void)[] = []

  before(async () => {
    home = await site({ after: (clean) => cleanups.push(clean) })
  })
  after(async () => {
    launcher.process.kill('SIGKILL')
    await launcher.ended
    for (const clean of cleanups) clean()
  })

  async function startAgain(...args: string[]): Promise<void> {
    launcher = launch([...home.args, ...args])
    await launcher.running()
    lab = await home.readLab()
  }

  test('on the first start every part answers, and lab.json lists the addresses', limit, async () => {
    await startAgain()
    assert.equal(mode(home.dir), '700')
    for (const file of ['lab.json', 'credentials.json', 'rolecall.db', 'sealing.key'])
      assert.equal(mode(join(home.dir, file)), '600', file)
    assert.deepEqual(shapeOf(lab), {
      issuer: 'string',
      audience: 'string',
      api_url: 'string',
      client_url: 'string',
      dashboard_url: 'string',
      applications: {
        spa: { client_id: 'string' },
        m2m: { client_id: 'string', client_secret: 'string' },
        management: { client_id: 'string', client_secret: 'string' },
        api: { client_id: 'string', client_secret: 'string' },
      },
      users: {
        admin: { email: 'string', password: 'string' },
        member: { email: 'string', password: 'string' },
        owner: { email: 'string', password: 'string' },
      },
    })
    assert.equal(lab.issuer, `http://localhost:${home.ports.server}/`)
    assert.equal(lab.audience, tutorial.api.identifier)
    const page = await fetch(lab.client_url)
    assert.match(await page.text(), /<div id="root">/)
    assert.equal((await fetch(`${lab.issuer}.well-known/openid-configuration`)).status, 200)
    assert.equal(await adminMessage(lab), tutorial.messages.admin.text)
  })

  test('SIGTERM stops all parts and deletes lab.json', limit, async () => {
    const parts = childrenOf(launcher)
    assert.equal(parts.length, 2)
    launcher.process.kill('SIGTERM')
    assert.equal((await launcher.ended).code, 0)
    await Promise.all(parts.map(exited))
    assert.equal(existsSync(join(home.dir, 'lab.json')), false)
  })

  test('a second start has the same data and passwords', limit, async () => {
    const earlier = lab
    await startAgain()
    assert.deepEqual(lab, earlier)
    assert.equal(await adminMessage(lab), tutorial.messages.admin.text)
  })

  test('--reset is refused while the system runs, and no data is lost', limit, async () => {
    const other = await site({ after: (clean) => cleanups.push(clean) })
    const second = launch([...other.args, '--dir', home.dir, '--reset'])
    const { code, stderr } = await second.ended
    assert.equal(code, 1)
    assert.match(stderr, /^Another server is using .*rolecall\.db/)
    assert.equal(await adminMessage(lab), tutorial.messages.admin.text)
  })

  test('when a part exits the others are stopped, and its output is printed', limit, async () => {
    const [victim, ...others] = childrenOf(launcher)
    // Process 0 would be this test's whole process group.
    assert.ok(victim)
    process.kill(victim, 'SIGKILL')
    const { code, stderr } = await launcher.ended
    assert.equal(code, 1)
    assert.match(stderr, /The (api|server) ended \(SIGKILL\), so all was stopped\./)
    await Promise.all(others.map(exited))
  })

  test('after kill -9 no part survives, and the next start needs no repair', limit, async () => {
    const earlier = lab
    await startAgain()
    const parts = childrenOf(launcher)
    launcher.process.kill('SIGKILL')
    await launcher.ended
    await Promise.all(parts.map(exited))
    await startAgain()
    assert.deepEqual(lab, earlier)
  })

  test('--empty is refused on a folder with data', limit, async () => {
    launcher.process.kill('SIGTERM')
    await launcher.ended
    const { code, stderr } = await launch([...home.args, '--empty']).ended
    assert.equal(code, 1)
    assert.match(stderr, /holds the tutorial's objects already: start without --empty/)
  })

  test('without a terminal --reset needs --yes, and makes new data and new passwords', limit, async () => {
    const earlier = lab
    const asked = await launch([...home.args, '--reset']).ended
    assert.equal(asked.code, 1)
    assert.match(asked.stderr, /^There is no terminal to ask at .*: add --yes to delete it\.\n$/)
    await startAgain()
    assert.deepEqual(lab, earlier)
    launcher.process.kill('SIGTERM')
    await launcher.ended
    await startAgain('--reset', '--yes')
    assert.notEqual(lab.users.admin.password, earlier.users.admin.password)
    assert.notEqual(lab.applications.spa.client_id, earlier.applications.spa.client_id)
    assert.equal(await adminMessage(lab), tutorial.messages.admin.text)
  })
})

function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]))
}
