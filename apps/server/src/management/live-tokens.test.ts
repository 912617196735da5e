import assert from 'node:assert/strict'
import { beforeEach, describe, it, type TestContext } from 'node:test'
import { createApplication } from '../applications/applications.ts'
import { createClientGrant } from '../applications/grants.ts'
import { findApplication, saveApplication } from '../applications/store.ts'
import { assignRoles } from '../roles/assignments.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { type ManagementServer, startManagement } from './testing.ts'

const held = ['read:roles', 'read:clients']

for (const kind of stores)
  describe(`a management token on ${kind.name}`, () => {
    let server: ManagementServer

    beforeEach(async (t) => {
      server = await startManagement(t as TestContext, kind)
    })

    const expectStatus = async (token: string, path: string, status: number, message?: string) => {
      const answer = await server.call('GET', path, undefined, token)
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      if (message !== undefined) assert.equal(answer.body['message'], message)
    }
    /** An application with a grant, and a token that the grant allowed. */
    const issue = async (subjectType: 'client' | 'user') => {
      const { ctx, managementApi } = server
      const { application } = await transaction(ctx, (tx) =>
        createApplication(tx, { name: 'Automation', app_type: 'regular_web' }),
      )
      const { clientId } = application
      const grant = await transaction(ctx, (tx) =>
        createClientGrant(tx, {
          clientId,
          apiId: managementApi.id,
          scope: held,
          subjectType,
        }),
      )
      let sub = `${clientId}@clients`
      if (subjectType === 'user') {
        const user = await transaction(ctx, (tx) =>
          createUser(tx, { connection: 'c', email: 'owner@x.test' }),
        )
        await transaction(ctx, (tx) => assignRoles(tx, user.userId, [server.ownerRole.id]))
        sub = user.userId
      }
      const token = await server.token(sub, held, { azp: clientId })
      await expectStatus(token, '/roles', 200)
      await expectStatus(token, '/clients', 200)
      return { clientId, token, client: `/clients/${clientId}`, grant: `/client-grants/${grant.id}` }
    }

    for (const subjectType of ['client', 'user'] as const) {
      it(`of a ${subjectType} has no scope that was taken from the client grant since`, async () => {
        const { token, grant } = await issue(subjectType)
        assert.equal((await server.call('PATCH', grant, { scope: ['read:clients'] })).status, 200)
        await expectStatus(token, '/clients', 200)
        await expectStatus(token, '/roles', 403, 'Insufficient scope, expected any of: read:roles')
        assert.equal((await server.call('DELETE', grant)).status, 204)
        await expectStatus(token, '/clients', 403)
      })

      it(`of a ${subjectType} gets no scope that the client grant was given since`, async () => {
        const { token, grant } = await issue(subjectType)
        assert.equal((await server.call('PATCH', grant, { allow_all_scopes: true })).status, 200)
        await expectStatus(token, '/roles', 200)
        await expectStatus(token, '/connections', 403)
      })

      it(`of a ${subjectType} ends with the application that it was issued to`, async () => {
        const { token, client } = await issue(subjectType)
        assert.equal((await server.call('DELETE', client)).status, 204)
        await expectStatus(token, '/roles', 401, 'Invalid token')
      })

      it(`of a ${subjectType} ends with the grant types that it came by`, async () => {
        const { token, client } = await issue(subjectType)
        const lasting = subjectType === 'client' ? 'client_credentials' : 'refresh_token'
        assert.equal((await server.call('PATCH', client, { grant_types: [lasting] })).status, 200)
        await expectStatus(token, '/roles', 200)
        const other = subjectType === 'client' ? 'authorization_code' : 'client_credentials'
        assert.equal((await server.call('PATCH', client, { grant_types: [other] })).status, 200)
        await expectStatus(token, '/roles', 401, 'Invalid token')
      })
    }

    it('of an application ends when the application no longer authenticates', async () => {
      const { token, client, clientId } = await issue('client')
      const change = { token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] }
      assert.equal((await server.call('PATCH', client, change)).status, 200)
      await expectStatus(token, '/roles', 401)
      // As an earlier release stored it.
      const stored = await findApplication(server.ctx.store.db, clientId)
      assert.ok(stored)
      const data = { ...stored.data, grant_types: ['client_credentials'] }
      await saveApplication(server.ctx.store.db, { ...stored, data })
      await server.call('PATCH', '/tenants/settings', { friendly_name: 'a change of any kind' })
      await expectStatus(token, '/roles', 401)
    })

    it('says which application it was issued to, or is refused', async () => {
      const { userId } = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection: 'c', email: 'owner@x.test' }),
      )
      await transaction(server.ctx, (tx) => assignRoles(tx, userId, [server.ownerRole.id]))
      await expectStatus(await server.token(userId, held), '/roles', 200)
      await expectStatus(await server.token(userId, held, { azp: undefined }), '/roles', 401)
      // Of an application that people cannot manage through.
      const { clientId } = server
      await expectStatus(await server.token(userId, held, { azp: clientId }), '/roles', 401)
    })
  })
