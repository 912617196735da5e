import assert from 'node:assert/strict'
import { it } from 'node:test'
import { stores } from '../../store/testing.ts'
import { password } from '../../testing/tutorial.ts'
import { noticeOf, startWithProvider } from '../providers/testing.ts'

const [kind = assert.fail()] = stores

it('a provider that never answers ends on the log-in page, and nobody else waits for it', {
  timeout: 60_000,
}, async (t) => {
  const world = await startWithProvider(t, kind)
  const departed = await Promise.all(Array.from({ length: 5 }, () => world.depart()))
  world.provider.instead['/token'] = 'hang'
  const pages = Promise.all(departed.map(({ browser, back }) => browser.open(back.href)))
  const { browser, page } = await world.begin()
  const done = await browser.submit(page, { email: 'admin@example.com', password })
  assert.ok(done.headers.get('location')?.includes('code='))
  for (const one of await pages) {
    assert.match(noticeOf(one), /The Company does not answer/)
    assert.equal(one.status, 400)
  }
  assert.match((await world.logged('f')).join(), /no response in time/)
})
