import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApplication } from '../../applications/applications.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { callback, logIn, redeem } from '../../testing/tutorial.ts'

const home = 'http://localhost:4040'

/** Each begins with something that is listed, or looks like it. */
const hostile = [
  'https://evil.example',
  '//evil.example',
  `${home}.evil.example`,
  `${home}.evil.example?x`,
  `${home}@evil.example`,
  `${home}/x`,
  `${home}/?x`,
  `${home}\\?x`,
  `${home}\\@evil.example?x`,
  `${home}\t?x`,
  ` ${home}`,
  `${home} ?x`,
  `?${home}`,
  `#${home}`,
  `//evil.example?${home}`,
  `https://evil.example#${home}`,
  'javascript:alert(1)',
  `javascript:alert(1)//${home}`,
  '/\\evil.example',
  `${home}?\ud800`,
]

for (const store of stores) {
  describe(`A log-out leads to listed addresses only (RFC 9700 §4.11) (${store.name})`, () => {
    const server = tutorialServer(store)
    const logOut = (returnTo: string, clientId: string = server.clientId) =>
      fetch(
        new URL(
          `/v2/logout?client_id=${encodeURIComponent(clientId)}&returnTo=${encode(returnTo)}`,
          server.issuer,
        ),
        { redirect: 'manual' },
      )

    test('/v2/logout leaves query and fragment out of the comparison, and keeps them', async () => {
      for (const [sent, location] of [
        [home, home],
        [`${home}?reason=x`, `${home}?reason=x`],
        [`${home}#/home`, `${home}#/home`],
        [`${home}?a=1&b=2#/home?c`, `${home}?a=1&b=2#/home?c`],
        [`${home}?next=https://evil.example`, `${home}?next=https://evil.example`],
        [`${home}?name=jürgen\r\nset-cookie: a=b`, `${home}?name=j%C3%BCrgen%0D%0Aset-cookie:%20a=b`],
      ] as const) {
        const response = await logOut(sent)
        assert.deepEqual([response.status, response.headers.get('location')], [302, location], sent)
      }
    })

    test('/v2/logout goes nowhere else', async () => {
      for (const returnTo of hostile) {
        const response = await logOut(returnTo)
        assert.deepEqual([response.status, response.headers.get('location')], [400, null], returnTo)
      }
      const unknown = await logOut(home, 'unknown')
      assert.deepEqual([unknown.status, unknown.headers.get('location')], [400, null])
      for (const twice of [`returnTo=${home}&returnTo=${home}`, `client_id=a&client_id=b`]) {
        const response = await fetch(new URL(`/v2/logout?${twice}`, server.issuer), { redirect: 'manual' })
        assert.equal(response.status, 400, twice)
      }
    })

    test('an application’s address may have a fragment', async () => {
      const listed = `${home}/app#/bye`
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Hash router',
          app_type: 'spa',
          callbacks: [callback],
          allowed_logout_urls: [listed],
        }),
      )
      const { clientId } = application
      for (const sent of [listed, `${home}/app`, `${home}/app#/other`])
        assert.equal((await logOut(sent, clientId)).headers.get('location'), sent)

      const login = await logIn(server, clientId, 'admin@example.com', { scope: 'openid' })
      const { body } = await redeem(server, clientId, login)
      const address = (target: string) =>
        `/oidc/logout?${new URLSearchParams({ id_token_hint: body.id_token, post_logout_redirect_uri: target, state: 'back' }).toString()}`
      for (const target of [`${home}/app`, `${home}/app?x`, `${home}/app#/other`]) {
        const refused = await login.browser.open(address(target))
        assert.deepEqual([refused.status, refused.headers.get('location')], [400, null], target)
      }
      const done = await login.browser.open(address(listed))
      assert.equal(done.headers.get('location'), `${home}/app?state=back#/bye`)
    })
  })
}

/** A lone surrogate cannot be percent-encoded by `encodeURIComponent`; as bytes it can be sent all the same. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : `${encodeURIComponent(text.slice(0, -1))}%ED%A0%80`
}
