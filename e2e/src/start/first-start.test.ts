import assert from 'node:assert/strict'
import { existsSync, readFileSync, unlinkSync, watch } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import { adminMessage } from './admin-message.ts'
import { type Launcher, launch, site } from './launcher.ts'

const limit = { timeout: 60_000 }

async function run(t: TestContext, args: string[]): Promise<Launcher> {
  const launcher = launch(args)
  t.after(async () => {
    launcher.process.kill('SIGKILL')
    await launcher.ended
  })
  await launcher.running()
  return launcher
}

test('--empty creates none of the tutorial’s objects, and later starts do not either', limit, async (t) => {
  const { args, dir, ports, readLab } = await site(t)
  for (const options of [['--empty'], []]) {
    const launcher = await run(t, [...args, ...options])
    const { applications, users } = await readLab()
    assert.deepEqual({ applications, users }, { applications: {}, users: {} })
    assert.equal(existsSync(join(dir, 'credentials.json')), false)
    launcher.process.kill('SIGTERM')
    const { stdout } = await launcher.ended
    assert.match(stdout, /tutorial's objects were left out/)
    assert.match(stdout, new RegExp(`http://localhost:${ports.server}/setup\\?ticket=[\\w-]{43}\n`))
  }
})

test('an interrupted first start is completed by the next start', limit, async (t) => {
  const { args, dir, readLab } = await site(t)
  const killed = launch(args)
  const written = Promise.withResolvers<void>()
  const watcher = watch(dir, (_, name) => name === 'credentials.json' && written.resolve())
  await written.promise
  watcher.close()
  killed.process.kill('SIGKILL')
  await killed.ended
  const { applications, users } = JSON.parse(readFileSync(join(dir, 'credentials.json'), 'utf8'))
  assert.equal(existsSync(join(dir, 'lab.json')), false)

  await run(t, args)
  const lab = await readLab()
  assert.deepEqual({ applications: lab.applications, users: lab.users }, { applications, users })
  assert.equal(await adminMessage(lab), tutorial.messages.admin.text)
})

test('SIGTERM during the start leaves no process running', limit, async (t) => {
  const { args, dir } = await site(t)
  const launcher = launch(args)
  const started = Promise.withResolvers<void>()
  const watcher = watch(dir, (_, name) => name === 'rolecall.db' && started.resolve())
  await started.promise
  watcher.close()
  launcher.process.kill('SIGTERM')
  assert.equal((await launcher.ended).code, 0)
  assert.equal(existsSync(join(dir, 'lab.json')), false)
})

test('--https serves the authorization server with a certificate that the API trusts', limit, async (t) => {
  const { args, dir, readLab, ports } = await site(t)
  await run(t, [...args, '--https'])
  const lab = await readLab()
  assert.equal(lab.issuer, `https://localhost:${ports.server}/`)
  assert.equal(
    await adminMessage(lab, readFileSync(join(dir, 'tls/ca.pem'), 'utf8')),
    tutorial.messages.admin.text,
  )
})

test('deleted credentials are not replaced, and the message says what to do', limit, async (t) => {
  const { args, dir } = await site(t)
  const launcher = await run(t, args)
  launcher.process.kill('SIGTERM')
  await launcher.ended
  unlinkSync(join(dir, 'credentials.json'))
  const { code, stderr } = await launch(args).ended
  assert.equal(code, 1)
  assert.match(stderr, /credentials\.json is gone.*--reset\.\n$/)
})
