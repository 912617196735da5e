/** Forged X-Forwarded-For headers (CVE-2024-47070). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorizationRequest, Browser, destination } from '@rolecall/server/test-kit'
import { site } from '../start/launcher.ts'
import { isSignedIn, newPerson, signUpByApi } from './people.ts'
import { type Home, makeHome, startServerProcess } from './server-process.ts'

const unreadable = ['a', '', ',', ' , ,', '999.999.999.999', '::gg', '127.0.0.1, a', '"', 'a'.repeat(10_000)]

for (const [TRUST_PROXY, trusted] of [
  ['127.0.0.1', 'behind a proxy'],
  ['', 'without one'],
] as const)
  test(`an unreadable X-Forwarded-For does not skip the password check, ${trusted}`, {
    timeout: 60_000,
  }, async (t) => {
    const home = await makeHome(await site(t), { TRUST_PROXY, LOG_LEVEL: 'error' })
    const server = await startServerProcess(home.env)
    t.after(() => server.end('SIGTERM'))
    const person = newPerson()
    assert.equal((await signUpByApi(home, person)).status, 200)
    for (const header of unreadable) {
      const browser = new Browser(home.issuer, { 'x-forwarded-for': header })
      const form = await browser.open(authorizationRequest(home, home.spa.clientId).url)
      const refused = await browser.submit(form, { email: person.email, password: 'not the password' })
      assert.equal(refused.status, 400, `wrong password, ${JSON.stringify(header.slice(0, 40))}`)
      assert.equal(await isSignedIn(home, browser), false)
      assert.equal(await statusOfNoPassword(home, header, person.email), 400)
      const admitted = await browser.submit(refused, { email: person.email, password: person.password })
      assert.ok(destination(admitted).searchParams.has('code'))
    }
    assert.deepEqual(server.lines, [], 'the server complained')
  })

async function statusOfNoPassword(home: Home, header: string, email: string): Promise<number> {
  const browser = new Browser(home.issuer, { 'x-forwarded-for': header })
  const form = await browser.open(authorizationRequest(home, home.spa.clientId).url)
  return (await browser.submit(form, { email })).status
}
