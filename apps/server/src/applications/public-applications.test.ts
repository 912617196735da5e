import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { managementAudience } from '@rolecall/contract'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { recordChange } from '../store/changes.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { unauthenticatedGrantsWarning } from './applications.ts'
import { findApplication, saveApplication } from './store.ts'

const pathOf = ({ client_id }: { client_id: string }) => `/clients/${client_id}`
const allButMachines = ['authorization_code', 'implicit', 'refresh_token']
const refusal =
  "Payload validation error: 'client_credentials is only for an application that authenticates: remove it, or choose another token_endpoint_auth_method than none' on property grant_types."

for (const kind of stores)
  describe(`an application without client authentication on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let call: ManagementServer['call']
    let audience: string

    before(async () => {
      server = await startManagement(end, kind)
      call = server.call
      audience = managementAudience(server.ctx.config.issuer)
    })

    const create = async (body: object) => {
      const created = await call('POST', '/clients', { name: 'x', ...body })
      assert.equal(created.status, 201, JSON.stringify(created.body))
      const made = created.body as unknown as Record<string, unknown>
      return { ...made, client_id: String(made['client_id']), client_secret: made['client_secret'] }
    }
    const grantAll = async (clientId: string) => {
      const granted = await call('POST', '/client-grants', {
        client_id: clientId,
        audience,
        scope: server.managementApi.permissions.map(({ value }) => value),
      })
      assert.equal(granted.status, 201)
    }
    const requestToken = async (body: object) => {
      const answer = await server.app.inject({
        method: 'POST',
        url: '/oauth/token',
        payload: { grant_type: 'client_credentials', audience, ...body },
      })
      return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() }
    }
    /** As a release before this rule stored it. */
    const storeWithout = async (clientId: string) => {
      const stored = await findApplication(server.ctx.store.db, clientId)
      assert.ok(stored)
      const data = { ...stored.data, token_endpoint_auth_method: 'none' as const }
      await transaction(server.ctx, async (tx) => {
        await saveApplication(tx.db, { ...stored, data })
        await recordChange(tx, 'application', stored.clientId)
      })
    }
    const expectRefused = async (method: 'POST' | 'PATCH', path: string, body: object) => {
      const { status, body: said } = await call(method, path, body)
      assert.deepEqual([status, said['errorCode'], said['message']], [400, 'invalid_body', refusal])
    }

    it('gets Auth0’s default grant types without client_credentials, and all other defaults', async () => {
      const usual: Record<string, unknown> = await create({})
      const open: Record<string, unknown> = await create({ token_endpoint_auth_method: 'none' })
      assert.deepEqual(open, {
        ...usual,
        client_id: open['client_id'],
        client_secret: undefined,
        token_endpoint_auth_method: 'none',
        grant_types: allButMachines,
        // As for every public application (RFC 9700 §2.2.2).
        refresh_token: open['refresh_token'],
      })
      const machine: Record<string, unknown> = await create({
        app_type: 'non_interactive',
        token_endpoint_auth_method: 'none',
      })
      assert.deepEqual(machine['grant_types'], [])
    })

    it('cannot be created with client_credentials', async () => {
      const grant_types = ['authorization_code', 'client_credentials']
      const body = { name: 'x', grant_types }
      await expectRefused('POST', '/clients', { ...body, token_endpoint_auth_method: 'none' })
      await expectRefused('POST', '/clients', { ...body, app_type: 'spa' })
      await create({ app_type: 'spa', token_endpoint_auth_method: 'client_secret_post', grant_types })
    })

    it('is not what an application with client_credentials becomes', async () => {
      const path = pathOf(await create({ app_type: 'non_interactive' }))
      const stored = (await call('GET', path)).body
      await expectRefused('PATCH', path, { token_endpoint_auth_method: 'none' })
      await expectRefused('PATCH', path, {
        token_endpoint_auth_method: 'none',
        grant_types: ['client_credentials'],
      })
      assert.deepEqual((await call('GET', path)).body, stored)
      const both = { token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] }
      assert.equal((await call('PATCH', path, both)).status, 200)
    })

    it('does not get client_credentials by PATCH', async () => {
      const path = pathOf(await create({ token_endpoint_auth_method: 'none' }))
      await expectRefused('PATCH', path, { grant_types: ['client_credentials'] })
      const confidential = {
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials'],
      }
      assert.equal((await call('PATCH', path, confidential)).status, 200)
    })

    it('is one whose keys are taken away, when its method is none', async () => {
      const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
        type: 'spki',
        format: 'pem',
      })
      const { client_id } = await create({
        token_endpoint_auth_method: 'none',
        grant_types: ['client_credentials'],
        client_authentication_methods: {
          private_key_jwt: { credentials: [{ credential_type: 'public_key', pem }] },
        },
      })
      const path = pathOf({ client_id })
      await expectRefused('PATCH', path, { client_authentication_methods: null })
      await expectRefused('PATCH', path, { client_authentication_methods: {} })
      await grantAll(client_id)
      const { status } = await requestToken({ client_id })
      assert.equal(status, 401)
    })

    it('that lists client_credentials is named in the log at the start, with what to do', async () => {
      const { client_id } = await create({ name: 'Old', app_type: 'non_interactive' })
      assert.equal(await unauthenticatedGrantsWarning(server.ctx.store.db), undefined)
      await storeWithout(client_id)
      const warning = (await unauthenticatedGrantsWarning(server.ctx.store.db)) ?? ''
      assert.ok(warning.includes(`${client_id} (Old). Remove client_credentials`), warning)
      assert.ok(!warning.includes('\n'))
      assert.equal((await call('PATCH', pathOf({ client_id }), { grant_types: [] })).status, 200)
      assert.equal(await unauthenticatedGrantsWarning(server.ctx.store.db), undefined)
    })

    it('gets no token for itself, whatever is stored', async () => {
      const { client_id, client_secret } = await create({ app_type: 'non_interactive' })
      await grantAll(client_id)
      assert.equal((await requestToken({ client_id, client_secret })).status, 200)

      await storeWithout(client_id)
      const described = { description: 'other members may still change' }
      assert.equal((await call('PATCH', pathOf({ client_id }), described)).status, 200)
      for (const credentials of [{}, { client_secret }, { client_secret: '' }]) {
        const { status, body } = await requestToken({ client_id, ...credentials })
        assert.ok(status === 401 || status === 403, `${status} ${JSON.stringify(body)}`)
        assert.equal(body['access_token'], undefined)
      }
      assert.deepEqual((await requestToken({ client_id })).body, {
        error: 'unauthorized_client',
        error_description: "Grant type 'client_credentials' not allowed for the client.",
      })
    })
  })
