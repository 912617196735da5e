import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { OtherServer } from '../lazy-migration/testing.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { addProviderUser, logInWith } from '../roles/testing-provider.ts'
import { stores } from '../store/testing.ts'
import { providerOf } from './provider.ts'
import { rolesGivenBy } from './role-mapping.ts'
import { findConnectionById } from './store.ts'

const discoveryUrl = 'https://id.example.com/.well-known/openid-configuration'
const oidc = { client_id: 'rolecall', client_secret: 's3cret', discovery_url: discoveryUrl }

for (const kind of stores)
  describe(`connections to other providers on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let call: ManagementServer['call']
    let names = 0
    const create = async (options: object, strategy = 'oidc') =>
      call('POST', '/connections', { name: `provider-${++names}`, strategy, options })
    const made = async (options: object = oidc, strategy?: string) => {
      const { status, body } = await create(options, strategy)
      assert.equal(status, 201, JSON.stringify(body))
      return String(body['id'])
    }
    const provider = async (id: string) => {
      const connection = await findConnectionById(server.ctx.store.db, id)
      assert.ok(connection)
      return providerOf(server.ctx, connection)
    }
    const newRole = async (name: string) =>
      String((await call('POST', '/roles', { name, description: '' })).body['id'])

    before(async () => {
      server = await startManagement(end, kind, Date.now, { localHosts: ['id.internal', 'localhost'] })
      call = server.call
    })

    it('keep their options, and show no secret', async () => {
      const { body } = await create({ ...oidc, tenant_domain: 'kept' })
      assert.deepEqual(body['options'], {
        client_id: 'rolecall',
        discovery_url: discoveryUrl,
        tenant_domain: 'kept',
      })
      const { clientSecret, discoveryUrl: url, scopes } = await provider(String(body['id']))
      assert.deepEqual([clientSecret, url, scopes], ['s3cret', discoveryUrl, ['openid', 'profile', 'email']])
      const everything = JSON.stringify([
        (await call('GET', '/connections')).body,
        (await call('GET', '/rolecall/configuration')).body,
        (await call('GET', '/logs')).body,
        await findConnectionById(server.ctx.store.db, String(body['id'])),
      ])
      assert.ok(!everything.includes('s3cret'))
    })

    it('have Auth0’s defaults', async () => {
      const github = await provider(await made({ client_id: 'c', client_secret: 's' }, 'github'))
      assert.deepEqual(github.scopes, ['read:user', 'user:email'])
      assert.equal(github.trustEmailVerified, true)
      const { connectionId, name, ...settings } = await provider(
        await made({ client_id: 'c', issuer: 'https://id.example.com/' }),
      )
      assert.match(`${connectionId} ${name}`, /^con_\w+ provider-\d+$/)
      assert.deepEqual(settings, {
        strategy: 'oidc',
        displayName: name,
        showAsButton: true,
        allowsSignUp: true,
        clientId: 'c',
        discoveryUrl,
        issuer: 'https://id.example.com/',
        scopes: ['openid', 'profile', 'email'],
        tokenAuthMethod: 'client_secret_post',
        pkce: 'S256',
        attributeMap: { mode: 'all', attributes: {} },
        setProfile: 'on_each_login',
        trustEmailVerified: false,
      })
    })

    it('never trust email_verified for an address from another claim', async () => {
      const attributes = { email: '${context.tokenset.upn}', name: '${context.userinfo.full_name}' }
      const id = await made({ ...oidc, trust_email_verified: true, attribute_map: { attributes } })
      const { trustEmailVerified, attributeMap } = await provider(id)
      assert.equal(trustEmailVerified, false)
      assert.deepEqual(attributeMap.attributes, {
        email: { from: 'tokenset', claim: 'upn' },
        name: { from: 'userinfo', claim: 'full_name' },
      })
    })

    it('keep the secret for the provider and the application that it was given for alone', async () => {
      const id = await made()
      const secretAfter = async (options: object) => {
        assert.equal((await call('PATCH', `/connections/${id}`, { options })).status, 200)
        return (await provider(id)).clientSecret
      }
      const { client_secret: _, ...others } = oidc
      assert.equal(await secretAfter({ ...others, scope: 'openid' }), 's3cret')
      assert.equal(await secretAfter({ ...others, client_id: 'other' }), undefined)
      assert.equal(await secretAfter(oidc), 's3cret')
      for (const moved of [
        { discovery_url: 'https://evil.example.com/.well-known/openid-configuration' },
        { discovery_url: 'https://id.example.com/other/.well-known/openid-configuration' },
        { issuer: 'https://evil.example.com' },
      ]) {
        assert.equal(await secretAfter({ ...others, ...moved }), undefined, JSON.stringify(moved))
        assert.equal(await secretAfter(oidc), 's3cret')
      }
      assert.equal(await secretAfter({ ...oidc, client_secret: null }), undefined)
    })

    it('refuse options that would not work, and name them', async () => {
      const refusals: [object, string, string?][] = [
        [{ ...oidc, client_id: undefined }, "'Missing required property: options.client_id'"],
        [
          { client_id: 'c' },
          "'must be given, or issuer: the endpoints are read from the metadata of the provider' on property options.discovery_url",
        ],
        [
          { ...oidc, discovery_url: 'http://id.example.com/.well-known/openid-configuration' },
          "'must be https' on property options.discovery_url",
        ],
        [
          { ...oidc, discovery_url: 'https://id.example.com/' },
          "'must end with /.well-known/openid-configuration' on property options.discovery_url",
        ],
        [
          { client_id: 'c', issuer: 'https://10.0.0.1' },
          "'10.0.0.1 is not a public address. Hosts in the server's own network are named in OUTBOUND_LOCAL_HOSTS' on property options.issuer",
        ],
        [
          { client_id: 'c', issuer: 'https://id.localhost:8443' },
          "'id.localhost is not a public address. Hosts in the server's own network are named in OUTBOUND_LOCAL_HOSTS' on property options.issuer",
        ],
        [{ ...oidc, scope: 'profile' }, "'must contain openid' on property options.scope"],
        [
          { ...oidc, type: 'front_channel' },
          "'must be back_channel: front_channel is not supported' on property options.type",
        ],
        [
          { ...oidc, connection_settings: { pkce: 'plain' } },
          "'must be auto, S256 or disabled: plain is not supported' on property options.connection_settings.pkce",
        ],
        [
          { ...oidc, attribute_map: { attributes: { email_verified: 'true' } } },
          "'cannot be mapped: an address counts as verified by the claim email_verified alone' on property options.attribute_map.attributes.email_verified",
        ],
        [
          { ...oidc, role_mapping: { claim: 'groups', roles: [{ value: 'a', role: 'nothing' }] } },
          "'There is no role nothing' on property options.role_mapping.roles.0.role",
        ],
        [
          { ...oidc, lazy_migration: { source: 'webhook', enabled: true, url: 'https://x.example.com' } },
          "'is an option of the strategy auth0 alone' on property options.lazy_migration",
        ],
        [
          { client_secret: 'shown' },
          "'is an option of the strategies oidc and github' on property options.client_secret",
          'auth0',
        ],
      ]
      for (const [options, problem, strategy] of refusals) {
        const { status, body } = await create(options, strategy)
        assert.deepEqual([status, body['message']], [400, `Payload validation error: ${problem}`])
        if (Object.hasOwn(options, 'client_id') && strategy === undefined) {
          const id = await made()
          const update = await call('PATCH', `/connections/${id}`, { options })
          assert.deepEqual([update.status, update.body['message']], [400, body['message']])
        }
      }
      assert.equal((await create({ client_id: 'c', issuer: 'https://id.internal' })).status, 201)
    })

    it('keep their strategy', async () => {
      const id = await made()
      assert.equal((await call('PATCH', `/connections/${id}`, { strategy: 'oidc' })).status, 200)
      const { status, body } = await call('PATCH', `/connections/${id}`, { strategy: 'auth0', options: {} })
      assert.deepEqual([status, body['errorCode']], [400, 'operation_not_supported'])
    })

    it('map claims to roles, which stay mapped under a new name and disappear when they are deleted', async () => {
      const [admins, readers] = [await newRole('Mapped admins'), await newRole('Mapped readers')]
      const roles = [
        { value: 'admins', role: 'mapped ADMINS' },
        { value: 'all', role: 'Mapped readers' },
        { value: 'admins', role: 'Mapped readers' },
      ]
      const id = await made({ ...oidc, role_mapping: { claim: 'groups', roles } })
      const shown = async () => (await call('GET', `/connections/${id}`)).body['options']?.['role_mapping']
      const given = async (claims: Record<string, unknown>) =>
        rolesGivenBy(server.ctx.store.db, (await provider(id)).roleMapping, claims)
      assert.deepEqual(new Set(await given({ groups: ['admins', 'x'] })), new Set([admins, readers]))
      assert.deepEqual(await given({ groups: 'all' }), [readers])
      for (const claims of [{}, { groups: 'ADMINS' }, { groups: { admins: true } }, { groups: null }])
        assert.deepEqual(await given(claims), [], JSON.stringify(claims))
      await call('PATCH', `/roles/${admins}`, { name: 'Operators' })
      await call('DELETE', `/roles/${readers}`)
      assert.deepEqual(await shown(), { claim: 'groups', roles: [{ value: 'admins', role: 'Operators' }] })
      assert.deepEqual(await given({ groups: ['admins', 'all'] }), [admins])
    })

    it('say what to register, and whether the secret is stored', async () => {
      const id = await made()
      const name = `provider-${names}`
      assert.deepEqual((await call('GET', `/rolecall/connections/${id}/provider`)).body, {
        has_client_secret: true,
        callback_url: `${server.ctx.config.issuer}login/callback/${name}`,
        jwks_uri: `${server.ctx.config.issuer}.well-known/jwks.json`,
      })
      const without = await made({ client_id: 'c', issuer: 'https://id.example.com' })
      const { body } = await call('GET', `/rolecall/connections/${without}/provider`)
      assert.equal(body['has_client_secret'], false)
      const { body: databases } = await call('GET', '/connections?strategy=auth0')
      const refused = await call('GET', `/rolecall/connections/${databases[0]?.['id']}/provider`)
      assert.equal(refused.status, 400)
    })

    it('are compared with the metadata of the provider on request', async () => {
      const other = await OtherServer.start(end)
      const origin = `https://${other.host}`
      const metadata = {
        issuer: `${origin}/`,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        jwks_uri: `${origin}/jwks`,
        scopes_supported: ['openid', 'profile', 'email'],
        response_types_supported: ['code'],
        token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
        code_challenge_methods_supported: ['S256'],
      }
      const check = async (found: unknown, options: object = {}, status = 200) => {
        other.answer = () => ({ status, body: found })
        const id = await made({ client_id: 'c', client_secret: 's', issuer: origin, ...options })
        return (await call('POST', `/rolecall/connections/${id}/provider/check`)).body
      }
      const problemOf = async (...args: Parameters<typeof check>) => {
        const { ok, problem } = await check(...args)
        assert.equal(ok, false)
        return String(problem)
      }
      assert.deepEqual(await check(metadata), { ok: true, issuer: `${origin}/` })
      assert.deepEqual(
        other.received.map(({ method, path }) => `${method} ${path}`),
        ['GET /.well-known/openid-configuration'],
      )
      const problems: [RegExp, unknown, object?, number?][] = [
        [/answered with the status 404/, {}, {}, 404],
        [/no valid jwks_uri/, { ...metadata, jwks_uri: 5 }],
        [
          /are of the issuer https:\/\/evil\.example\.com, not of/,
          { ...metadata, issuer: 'https://evil.example.com' },
        ],
        [
          /token_endpoint cannot be used: 10\.0\.0\.1 is not/,
          { ...metadata, token_endpoint: 'https://10.0.0.1/t' },
        ],
        [
          /jwks_uri cannot be used: the address is not https/,
          { ...metadata, jwks_uri: `http://${other.host}` },
        ],
        [/client secret is not set/, metadata, { client_secret: null }],
        [
          /does not support client_secret_basic/,
          metadata,
          { token_endpoint_auth_method: 'client_secret_basic' },
        ],
        [/does not know the scope groups/, metadata, { scope: 'openid groups' }],
        [/does not support PKCE/, { ...metadata, code_challenge_methods_supported: ['plain'] }],
        [/response type code/, { ...metadata, response_types_supported: ['id_token'] }],
      ]
      for (const [problem, ...args] of problems) assert.match(await problemOf(...args), problem)
      assert.equal(
        (await check(metadata, { token_endpoint_auth_method: 'none', client_secret: null })).ok,
        true,
      )
      const github = await made({ client_id: 'c' }, 'github')
      assert.equal((await call('POST', `/rolecall/connections/${github}/provider/check`)).status, 400)
    })

    it('take what the mapping gives no more at once', async () => {
      const { db } = server.ctx.store
      const [one, two] = [await newRole('Taken'), await newRole('Kept')]
      const roles = ['Taken', 'Kept'].map((role) => ({ value: role, role }))
      const id = await made({ ...oidc, role_mapping: { claim: 'groups', roles } })
      const userId = await addProviderUser(server.ctx, { id, name: `provider-${names}` }, 'ada')
      await logInWith(server.ctx, { id }, 'ada', userId, [one, two])
      const held = async () =>
        (await call('GET', `/users/${encodeURIComponent(userId)}/roles`)).body.map((role) => role['id'])
      assert.deepEqual(new Set(await held()), new Set([one, two]))
      const change = { options: { ...oidc, role_mapping: { claim: 'groups', roles: roles.slice(1) } } }
      assert.equal((await call('PATCH', `/connections/${id}`, change)).status, 200)
      assert.deepEqual(await held(), [two])
      assert.equal((await call('PATCH', `/connections/${id}`, { options: oidc })).status, 200)
      assert.deepEqual(await held(), [])
      assert.deepEqual(await db.selectFrom('identity_roles').selectAll().execute(), [])
    })
  })
