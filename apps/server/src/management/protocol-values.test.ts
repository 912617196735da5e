import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { stores } from '../store/testing.ts'
import { type ManagementServer, startManagement, untilTheEnd } from './testing.ts'

/** By member of an application: what is taken, and what is refused with which words. */
const addresses: Record<string, { taken: string[]; refused: [address: string, message: RegExp][] }> = {
  callbacks: {
    taken: [
      'https://app.example.com/cb?x=1',
      'com.example.app:/callback',
      'http://127.0.0.1/cb',
      'myapp://cb',
    ],
    refused: [
      ['https://*.example.com/cb', /compared exactly/],
      ['https://app.example.com/*', /compared exactly/],
      ['https://{organization_name}.example.com/cb', /compared exactly/],
      ['https://app.example.com/cb#/home', /without a fragment/],
      ['https://bücher.example/cb', /printable ASCII/],
      ['https://app.example.com/c b', /printable ASCII/],
      ['https://app.example.com/\u0007', /printable ASCII/],
      ['https:app.example.com', /must begin with https/],
      ['https://user:secret@app.example.com/cb', /user name or a password/],
      ['javascript:alert(1)', /must not use the scheme javascript:/],
      ['java\tscript:alert(1)', /printable ASCII/],
      ['view-source:https://app.example.com', /must not use the scheme/],
      ['/callback', /absolute URL/],
      ['', /absolute URL/],
    ],
  },
  allowed_logout_urls: {
    taken: ['https://app.example.com/#/bye', 'myapp://out'],
    refused: [
      ['https://*.example.com', /compared exactly/],
      ['javascript:alert(1)#', /must not use the scheme/],
      ['//app.example.com', /absolute URL/],
    ],
  },
  web_origins: {
    taken: ['https://app.example.com', 'https://*.example.com', 'https://*.example.com:8443'],
    refused: [
      ['https://*.com', /whole first label/],
      ['https://*', /whole first label/],
      ['https://a*.example.com', /whole first label/],
      ['https://a.*.example.com', /whole first label/],
      ['https://*.*.example.com', /whole first label/],
      ['https://app.example.com/*', /whole first label/],
      ['myapp://cb', /http\(s\) origin/],
    ],
  },
}
addresses['allowed_origins'] = addresses['web_origins']!

const links = ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri', 'initiate_login_uri']

for (const kind of stores)
  describe(`what a protocol cannot carry is refused when it is stored (${kind.name})`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let clientId: string
    before(async () => {
      server = await startManagement(end, kind)
      clientId = String((await server.call('POST', '/clients', { name: 'Existing' })).body['client_id'])
    })
    const refused = async (method: 'POST' | 'PATCH', path: string, body: object, message: RegExp) => {
      const answer = await server.call(method, path, body)
      assert.equal(answer.status, 400, JSON.stringify(body))
      assert.match(String(answer.body['message']), message, JSON.stringify(body))
    }

    for (const [member, { taken, refused: wrong }] of Object.entries(addresses))
      it(`an application’s ${member} are addresses that can match`, async () => {
        const { status } = await server.call('PATCH', `/clients/${clientId}`, { [member]: taken })
        assert.equal(status, 200)
        for (const [address, message] of wrong) {
          await refused('POST', '/clients', { name: 'x', [member]: [address] }, message)
          await refused('PATCH', `/clients/${clientId}`, { [member]: [taken[0], address] }, message)
          await refused(
            'PATCH',
            `/clients/${clientId}`,
            { [member]: [taken[0], address] },
            new RegExp(`on property ${member}\\.1`),
          )
        }
      })

    it('a tenant’s log-out addresses follow the same rule, and a ticket’s address is a link', async () => {
      const set = (url: string) => server.call('PATCH', '/tenants/settings', { allowed_logout_urls: [url] })
      assert.equal((await set('https://app.example.com/#/bye')).status, 200)
      assert.equal((await set('https://*.example.com')).status, 400)
      const { body: user } = await server.call('POST', '/users', {
        email: 'ticket@example.com',
        connection: 'Username-Password-Authentication',
      })
      const ticket = (result_url: string) =>
        server.call('POST', '/tickets/password-change', { user_id: user['user_id'], result_url })
      assert.equal((await ticket('https://app.example.com/#/home')).status, 201)
      for (const url of ['javascript:alert(1)', 'myapp://home', ''])
        assert.equal((await ticket(url)).status, 400, url)
    })

    it('an address that a page shows as a link is http or https', async () => {
      for (const member of links) {
        for (const url of [
          'javascript:alert(1)',
          'data:text/html,x',
          ' javascript:x',
          'https:x',
          'ftp://x.example',
        ])
          await refused('POST', '/clients', { name: 'x', [member]: url }, new RegExp(`on property ${member}`))
        const { status } = await server.call('PATCH', `/clients/${clientId}`, {
          [member]: 'https://app.example.com/x',
        })
        assert.equal(status, 200)
      }
      for (const member of ['picture_url', 'support_url'])
        await refused(
          'PATCH',
          '/tenants/settings',
          { [member]: 'javascript:alert(1)' },
          /must not use the scheme/,
        )
    })

    it('a secret is what HTTP Basic can carry (RFC 6749 App. A.2)', async () => {
      const long = 'a'.repeat(40)
      for (const secret of [`${long}é`, `${long}\n`, `${long}\u007f`, `${long}\u{1f511}`]) {
        await refused('POST', '/clients', { name: 'x', client_secret: secret }, /printable ASCII/)
        await refused('PATCH', `/clients/${clientId}`, { client_secret: secret }, /printable ASCII/)
      }
    })

    it('an API’s identifier has no invisible characters, and a permission is a scope (App. A.4)', async () => {
      const scopes = (value: string) => ({ identifier: 'https://scopes.example', scopes: [{ value }] })
      for (const identifier of ['a\u0007b', 'a\u200bb', 'a\u202eb', '\ufeffa', ' a', 'a\u00a0', '\ta', 'a\n'])
        await refused('POST', '/resource-servers', { identifier }, /invisible characters|white space/)
      for (const value of ['read messages', 'read:"x"', 'a\\b', 'lesen:bücher', 'a\u0007'])
        await refused('POST', '/resource-servers', scopes(value), /printable ASCII/)
      await refused(
        'POST',
        '/client-grants',
        { client_id: clientId, audience: 'a\u0007b', scope: [] },
        /invisible characters/,
      )
    })

    it('a setting that would make something stricter, and is not obeyed', async () => {
      const application = `/clients/${clientId}`
      for (const setting of [
        { organization_usage: 'require' },
        { compliance_level: 'fapi1_adv_mtls_par' },
        { encryption_key: { pub: 'x', cert: 'x' } },
        { signed_request_object: { required: true } },
        { client_authentication_methods: { tls_client_auth: { credentials: [] } } },
      ]) {
        await refused('POST', '/clients', { name: 'x', ...setting }, /is not supported/)
        await refused('PATCH', application, setting, /is not supported/)
      }
      const asksForNothing = {
        require_pushed_authorization_requests: true,
        require_proof_of_possession: true,
        organization_usage: 'deny',
        compliance_level: null,
        encryption_key: null,
        oidc_logout: { backchannel_logout_urls: ['https://app.example.com/out'] },
      }
      assert.equal((await server.call('PATCH', application, asksForNothing)).status, 200)
      for (const setting of [
        { token_encryption: { format: 'compact-nested-jwe' } },
        { consent_policy: 'transactional-authorization-with-mfa' },
        { proof_of_possession: { mechanism: 'mtls', required: true } },
      ])
        await refused(
          'POST',
          '/resource-servers',
          { identifier: 'https://strict.example', ...setting },
          /is not supported/,
        )
    })
  })
