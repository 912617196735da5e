import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { sha256 } from '../crypto/secrets.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { findArtifact, putArtifact } from '../sessions/store.ts'
import { stores } from '../store/testing.ts'
import { allowedOrigins } from './origins.ts'
import { matchSecret } from './secrets.ts'
import { findApplication, type Secrets } from './store.ts'

const accepts = (application: Secrets, given: string) =>
  matchSecret(application, given, Date.now()) !== undefined

for (const kind of stores)
  describe(`applications over HTTP on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let call: ManagementServer['call']
    const create = async (body: object) => (await call('POST', '/clients', body)).body
    const kept = async (clientId: unknown) => {
      const application = await findApplication(server.ctx.store.db, String(clientId))
      assert.ok(application)
      return application
    }

    before(async () => {
      server = await startManagement(end, kind)
      call = server.call
    })

    it('start with the defaults of a real tenant', async () => {
      const created = await call('POST', '/clients', { name: 'Minimal' })
      assert.equal(created.status, 201)
      const { client_id, client_secret, ...rest } = created.body
      assert.match(String(client_id), /^[A-Za-z0-9]{32}$/)
      assert.match(String(client_secret), /^[\w-]{43}$/)
      assert.deepEqual(rest, {
        name: 'Minimal',
        global: false,
        is_first_party: true,
        is_token_endpoint_ip_header_trusted: false,
        oidc_conformant: false,
        jwt_configuration: { secret_encoded: false, lifetime_in_seconds: 36_000 },
        sso_disabled: false,
        cross_origin_authentication: false,
        grant_types: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
        custom_login_page_on: true,
        refresh_token: {
          rotation_type: 'non-rotating',
          expiration_type: 'non-expiring',
          leeway: 0,
          token_lifetime: 31_557_600,
          infinite_token_lifetime: true,
          infinite_idle_token_lifetime: true,
          idle_token_lifetime: 2_592_000,
        },
      })
    })

    it('are public and rotate their refresh tokens when they run in a browser (RFC 9700 §2.2.2)', async () => {
      const spa = await create({ name: 'Browser', app_type: 'spa', client_secret: 'x'.repeat(40) })
      assert.equal(spa['token_endpoint_auth_method'], 'none')
      assert.equal(spa['client_secret'], undefined)
      assert.equal(spa['refresh_token']?.['rotation_type'], 'rotating')
      assert.equal((await kept(spa['client_id'])).secretHash, undefined)
      assert.equal((await call('POST', `/clients/${spa['client_id']}/rotate-secret`)).status, 400)
    })

    it('show a secret once and keep its hash alone', async () => {
      const { client_id, client_secret } = await create({ name: 'Worker', app_type: 'non_interactive' })
      const path = `/clients/${client_id}`
      for (const { body } of [await call('GET', path), await call('PATCH', path, { description: 'x' })])
        assert.equal(body['client_secret'], undefined)
      assert.ok(!JSON.stringify((await call('GET', '/clients')).body).includes(String(client_secret)))
      assert.equal((await kept(client_id)).secretHash, sha256(String(client_secret)))
      const row = await server.ctx.store.db
        .selectFrom('applications')
        .selectAll()
        .where('client_id', '=', String(client_id))
        .execute()
      const logs = await server.ctx.store.db.selectFrom('logs').selectAll().execute()
      assert.ok(!JSON.stringify([row, logs]).includes(String(client_secret)))
    })

    it('get a new secret by rotation, or by PATCH with one of 32 characters at least; the old one ends', async () => {
      const { client_id, client_secret: first } = await create({ name: 'Rotating', app_type: 'regular_web' })
      const path = `/clients/${client_id}`
      const { client_secret: second } = (await call('POST', `${path}/rotate-secret`)).body
      assert.equal(accepts(await kept(client_id), String(first)), false)
      assert.equal(accepts(await kept(client_id), String(second)), true)
      assert.equal((await call('PATCH', path, { client_secret: 'too short' })).status, 400)
      const own = 'brought-by-the-caller-0123456789abcdef'
      assert.equal((await call('PATCH', path, { client_secret: own })).body['client_secret'], undefined)
      assert.equal(accepts(await kept(client_id), own), true)
      await call('PATCH', path, {
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
      })
      assert.equal(accepts(await kept(client_id), own), false)
      assert.equal(accepts(await kept(client_id), ''), false)
    })

    it('take a PATCH member by member: null takes away, metadata and lifetimes merge', async () => {
      const { client_id } = await create({
        name: 'Patched',
        description: 'Before',
        client_metadata: { a: '1', b: '2' },
        refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', leeway: 5 },
        mobile: { ios: { team_id: 'kept as it came' } },
      })
      const patched = await call('PATCH', `/clients/${client_id}`, {
        description: null,
        client_metadata: { b: null, c: '3' },
        refresh_token: { leeway: 9 },
        jwt_configuration: { lifetime_in_seconds: 60 },
        a_member_of_tomorrow: { kept: true },
        client_id: 'another',
        global: true,
        is_system: true,
      })
      assert.equal(patched.status, 200)
      const { body } = patched
      assert.equal('description' in body, false)
      assert.deepEqual(body['client_metadata'], { a: '1', c: '3' })
      assert.deepEqual(
        [body['refresh_token']?.['leeway'], body['refresh_token']?.['rotation_type']],
        [9, 'rotating'],
      )
      assert.deepEqual(body['jwt_configuration'], { secret_encoded: false, lifetime_in_seconds: 60 })
      assert.deepEqual(body['mobile'], { ios: { team_id: 'kept as it came' } })
      assert.deepEqual(body['a_member_of_tomorrow'], { kept: true })
      assert.deepEqual([body['client_id'], body['global'], body['is_system']], [client_id, false, undefined])
    })

    it('leave out metadata that is null, at creation as at a change, and have at most 100 members of it', async () => {
      const { client_id, client_metadata } = await create({
        name: 'Metadata',
        client_metadata: { a: '1', b: null },
      })
      assert.deepEqual(client_metadata, { a: '1' })
      const hundred = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`m${index}`, 'x']))
      const patch = (metadata: object) =>
        call('PATCH', `/clients/${client_id}`, { client_metadata: metadata })
      const refused = await patch(hundred)
      assert.deepEqual([refused.status, refused.body['errorCode']], [400, 'invalid_body'])
      assert.match(String(refused.body['message']), /at most 100 members/)
      const { m99: _, ...others } = hundred
      assert.equal((await patch({ ...others, a: null })).status, 200)
      const { body } = await call('GET', `/clients/${client_id}`)
      assert.equal(Object.keys(body['client_metadata'] ?? {}).length, 99)
    })

    it('refuse addresses that would run as script, or are none', async () => {
      const hostile = [
        'javascript:alert(1)',
        'JavaScript:x',
        ' data:text/html,x',
        'vbscript:x',
        '/relative',
        '//evil',
        'none',
        '',
      ]
      for (const url of hostile)
        for (const member of ['callbacks', 'allowed_logout_urls']) {
          const refused = await call('POST', '/clients', { name: 'Hostile', [member]: [url] })
          assert.equal(refused.status, 400, `${member} ${url}`)
          assert.match(String(refused.body['message']), new RegExp(`on property ${member}.0`))
        }
      for (const origin of ['javascript:x', 'null', '*', 'example.com'])
        assert.equal(
          (await call('POST', '/clients', { name: 'Hostile', web_origins: [origin] })).status,
          400,
          origin,
        )
      for (const name of ['', '<b>', 'a\nb', 'x'.repeat(201)])
        assert.equal((await call('POST', '/clients', { name })).status, 400, JSON.stringify(name))
      assert.equal(
        (
          await call('POST', '/clients', {
            name: 'Native',
            callbacks: ['com.example.app:/cb'],
          })
        ).status,
        201,
      )
    })

    it('let browsers in from their web origins, their allowed origins and their callbacks', async () => {
      const { client_id } = await create({
        name: 'Origins',
        web_origins: ['https://app.example.com'],
        allowed_origins: ['http://localhost:4040/path'],
        callbacks: ['https://app.example.com/cb', 'https://other.example.com:8443/cb', 'com.example.app:/cb'],
      })
      assert.deepEqual(allowedOrigins(await kept(client_id)), [
        'https://app.example.com',
        'http://localhost:4040',
        'https://other.example.com:8443',
      ])
    })

    it('are listed in three forms, with chosen members, in one order', async () => {
      const counted = (await call('GET', '/clients?include_totals=true&per_page=2')).body
      assert.deepEqual(
        [counted['start'], counted['limit'], counted['length'], counted['clients']?.length],
        [0, 2, 2, 2],
      )
      const bare = (await call('GET', '/clients?per_page=100&fields=name')).body
      assert.equal(bare.length, counted['total'])
      assert.ok(bare.every((one) => Object.keys(one).join() === 'name'))
      const names: unknown[] = []
      let from = ''
      do {
        const page = (await call('GET', `/clients?take=2${from && `&from=${from}`}`)).body
        assert.equal('total' in page, false)
        names.push(...(page['clients']?.map((one) => one['name']) ?? []))
        from = String(page['next'] ?? '')
      } while (from)
      assert.deepEqual(
        names,
        bare.map((one) => one['name']),
      )
      const spas = (await call('GET', '/clients?app_type=spa,native&include_fields=false&fields=callbacks'))
        .body
      assert.ok(
        spas.length > 0 && spas.every((one) => String(one['app_type']) === 'spa' && !('callbacks' in one)),
      )
    })

    it('tell a caller with read:client_summary their names and not how they are set up', async () => {
      const token = await server.token(`${server.clientId}@clients`, ['read:client_summary'])
      const [first] = (await call('GET', '/clients?app_type=regular_web', undefined, token)).body
      assert.deepEqual(Object.keys(first ?? {}).toSorted(), [
        'app_type',
        'client_id',
        'global',
        'is_first_party',
        'name',
      ])
    })

    it('include what the server made itself, which nobody changes and configuration tools do not see', async () => {
      const system = ['All Applications', 'Rolecall Account', 'Rolecall Dashboard']
      const all = (await call('GET', '/clients?per_page=100')).body
      assert.deepEqual(
        all.filter((one) => one['is_system']).map((one) => one['name']),
        system,
      )
      const own = (await call('GET', '/clients?is_global=false&per_page=100')).body
      assert.equal(own.length, all.length - system.length)
      assert.deepEqual(
        (await call('GET', '/clients?is_global=true')).body.map((one) => one['name']),
        ['All Applications'],
      )
      for (const { client_id } of all.filter((one) => one['is_system']) as unknown as {
        client_id: string
      }[]) {
        assert.equal(
          (await call('PATCH', `/clients/${client_id}`, { callbacks: ['https://evil.example'] })).status,
          403,
        )
        assert.equal((await call('DELETE', `/clients/${client_id}`)).status, 403)
        assert.equal((await call('POST', `/clients/${client_id}/rotate-secret`)).status, 403)
      }
    })

    it('go with their grants and every refresh token they were given', async () => {
      const { client_id } = await create({ name: 'Going', app_type: 'non_interactive' })
      const grant = await call('POST', '/client-grants', {
        client_id,
        audience: server.managementApi.identifier,
        scope: ['read:roles'],
      })
      const { db } = server.ctx.store
      const artifact = {
        kind: 'RefreshToken',
        id_hash: sha256('rt'),
        payload: '',
        grant_id: null,
        uid: null,
        user_code: null,
        user_id: null,
        client_id: String(client_id),
        created_at: 0,
        expires_at: null,
      }
      await putArtifact(db, artifact)
      assert.equal((await call('DELETE', `/clients/${client_id}`)).status, 204)
      assert.equal((await call('GET', `/clients/${client_id}`)).body['errorCode'], 'inexistent_client')
      assert.equal((await call('GET', `/client-grants/${grant.body['id']}`)).status, 404)
      assert.equal(await findArtifact(db, 'RefreshToken', artifact.id_hash), undefined)
    })

    it('that may ask people for management scopes get no callback from a caller who does not hold these', async () => {
      const { client_id } = await create({ name: 'Console', app_type: 'spa' })
      const scope = ['delete:users']
      const audience = server.managementApi.identifier
      await call('POST', '/client-grants', { client_id, audience, scope, subject_type: 'user' })
      const body = { callbacks: ['https://evil.example/callback'] }
      const weak = await server.token(`${server.clientId}@clients`, ['update:clients'])
      const refused = await call('PATCH', `/clients/${client_id}`, body, weak)
      assert.deepEqual([refused.status, refused.body['errorCode']], [403, 'insufficient_privilege'])
      assert.equal((await kept(client_id)).data.callbacks, undefined)
      assert.equal((await call('PATCH', `/clients/${client_id}`, body)).status, 200)
    })

    it('with more management scopes than a caller holds are not changed by that caller, in any member', async () => {
      const { client_id } = await create({ name: 'Powerful', app_type: 'non_interactive' })
      await call('POST', '/client-grants', {
        client_id,
        audience: server.managementApi.identifier,
        scope: ['delete:users'],
      })
      const scopes = ['update:clients', 'update:client_keys', 'create:client_credentials']
      const weak = await server.token(`${server.clientId}@clients`, scopes, { azp: server.clientId })
      const path = `/clients/${client_id}`
      for (const [method, url, body] of [
        ['POST', `${path}/rotate-secret`, undefined],
        ['PATCH', path, { client_secret: 'x'.repeat(40) }],
        ['PATCH', path, { description: 'x' }],
        ['POST', `${path}/credentials`, { credential_type: 'public_key', pem: 'x' }],
      ] as const) {
        const refused = await call(method, url, body, weak)
        assert.deepEqual([refused.status, refused.body['errorCode']], [403, 'insufficient_privilege'], url)
      }
      const noKeys = await server.token(`${server.clientId}@clients`, ['update:clients'])
      const refused = await call('PATCH', path, { client_secret: 'x'.repeat(40) }, noKeys)
      assert.equal(refused.body['message'], 'Insufficient scope, expected any of: update:client_keys')
    })
  })
