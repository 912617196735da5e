import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'

describe('the address of the issuer', () => {
  const end = untilTheEnd()

  it('is a page for a browser, whose links work, and JSON for a program', async () => {
    const [kind] = stores
    assert.ok(kind)
    const { app } = await startManagement(end, kind)
    const get = (url: string, accept: string) => app.inject({ url, headers: { accept } })
    const page = await get('/', 'text/html,application/xhtml+xml,*/*;q=0.8')
    assert.equal(page.statusCode, 200)
    assert.match(page.body, /<h1>Authorization server<\/h1>/)
    assert.match(String(page.headers['content-security-policy']), /^default-src 'none'/)
    const links = [...page.body.matchAll(/href="http:\/\/localhost:5050(\/[^"]*)"/g)].map(([, path]) => path)
    assert.deepEqual(links, ['/dashboard/', '/.well-known/openid-configuration', '/api/v2/docs'])
    for (const link of links) assert.equal((await get(link, 'text/html')).statusCode, 200, link)

    for (const accept of ['application/json', '*/*']) {
      const answer = await get('/', accept)
      assert.equal(answer.headers.vary, 'accept')
      assert.deepEqual(answer.json(), {
        issuer: 'http://localhost:5050/',
        dashboard: 'http://localhost:5050/dashboard/',
        openid_configuration: 'http://localhost:5050/.well-known/openid-configuration',
        management_api: 'http://localhost:5050/api/v2/',
        documentation: 'http://localhost:5050/api/v2/docs',
      })
    }
  })
})
