import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Overview } from '@rolecall/contract'
import { writeLog } from '../logs/log.ts'
import { insertMail, markFailed } from '../mail/store.ts'
import { type ManagementServer, startManagement } from '../management/testing.ts'
import { stores } from '../store/testing.ts'

const day = 86_400_000
const connection = 'Username-Password-Authentication'

for (const kind of stores)
  describe(`the start page on ${kind.name}`, () => {
    it('counts users, log-ins and refusals by day, and says whether the tenant is set up', async (t) => {
      const now = Date.UTC(2027, 2, 3, 12)
      const { ctx, call } = await startManagement(t, kind, () => now)
      const read = async () => (await call('GET', '/rolecall/overview')).body as unknown as Overview
      const before = await read()
      assert.equal(before.is_set_up, false)
      assert.equal(before.days?.length, 30)

      for (const [type, date] of [
        ['s', now],
        ['s', now - day],
        ['fp', now],
        ['limit_wc', now],
        ['seacft', now],
        ['s', now - 30 * day],
      ] as const)
        await writeLog(ctx.store.db, { type, date, description: '' })
      const { user_id } = (await call('POST', '/users', { connection, email: 'a@example.com' })).body
      const { id } = (await call('POST', '/roles', { name: 'reader' })).body
      await call('POST', `/roles/${id}/users`, { users: [user_id] })
      const after = await read()
      assert.equal(after.is_set_up, true)
      assert.equal(after.users?.total, (before.users?.total ?? 0) + 1)
      const [yesterday, today] = after.days?.slice(-2) ?? []
      assert.deepEqual([yesterday?.logins, yesterday?.refusals], [1, 0])
      assert.deepEqual([today?.date, today?.logins, today?.refusals], ['2027-03-03T00:00:00.000Z', 1, 2])
      assert.equal(
        after.days?.reduce((sum, { logins }) => sum + logins, 0),
        2,
      )
      assert.ok((today?.new_users ?? 0) >= 1)
    })

    it('lists what needs attention, until it is put right', async (t) => {
      let now = Date.UTC(2027, 2, 3)
      const server = await startManagement(t, kind, () => now)
      const { db } = server.ctx.store
      const all = server.managementApi.permissions.map(({ value }) => value)
      let token: string | undefined
      const call: ManagementServer['call'] = (method, path, body) => server.call(method, path, body, token)
      const attention = async () => {
        const { attention: found } = (await call('GET', '/rolecall/overview')).body as unknown as Overview
        return Object.fromEntries(found.map((one) => [one.kind, one.items.map(({ name }) => name)]))
      }
      assert.deepEqual(await attention(), {})

      const identifier = 'https://api.example.com'
      const long = Array.from({ length: 60 }, (_, index) => `${index}:${'x'.repeat(100)}`)
      const api = (
        await call('POST', '/resource-servers', {
          identifier,
          name: 'API',
          enforce_policies: true,
          token_dialect: 'access_token_authz',
          scopes: ['unused', 'direct', 'granted', ...long].map((value) => ({ value, description: value })),
        })
      ).body
      const refs = (...names: string[]) => ({
        permissions: names.map((permission_name) => ({
          permission_name,
          resource_server_identifier: identifier,
        })),
      })
      const { id } = (await call('POST', '/roles', { name: 'large' })).body
      await call('POST', `/roles/${id}/permissions`, refs(...long))
      const { user_id } = (await call('POST', '/users', { connection, email: 'a@example.com' })).body
      await call('POST', `/users/${user_id}/permissions`, refs('direct'))
      const machine = (
        await call('POST', '/clients', {
          name: 'Web',
          app_type: 'regular_web',
          token_endpoint_auth_method: 'none',
        })
      ).body
      await call('POST', '/clients', { name: 'In the browser', app_type: 'spa' })
      await call('POST', '/client-grants', {
        client_id: machine['client_id'],
        audience: identifier,
        scope: ['granted'],
      })
      const mail = {
        recipient: 'a@example.com',
        subject: '',
        text: '',
        html: '',
        createdAt: now,
        retryAt: now,
      }
      await insertMail(db, { id: 'waits', ...mail })
      await insertMail(db, { id: 'failed', ...mail, recipient: 'b@example.com' })
      await markFailed(db, 'failed', { attempts: 1, retryAt: null, error: 'refused' })
      now += 366 * day
      token = await server.token(`${server.clientId}@clients`, all)
      const kid = (await call('GET', '/keys/signing')).body.find((key) => key['current'])?.['kid']
      assert.deepEqual(await attention(), {
        unauthenticated_applications: ['Web'],
        large_tokens: ['large'],
        roles_without_members: ['large'],
        unused_permissions: ['unused'],
        unsent_mail: ['b@example.com'],
        old_signing_key: [kid],
      })

      await call('PATCH', `/clients/${machine['client_id']}`, {
        token_endpoint_auth_method: 'client_secret_post',
      })
      await call('POST', `/roles/${id}/users`, { users: [user_id] })
      await call('POST', `/users/${user_id}/permissions`, refs('unused'))
      await call('PATCH', `/resource-servers/${api['id']}`, { token_dialect: 'access_token' })
      await call('POST', '/keys/signing/rotate')
      assert.deepEqual(await attention(), { unsent_mail: ['b@example.com'] })
    })

    it('shows a caller what their scopes let them read', async (t) => {
      const server = await startManagement(t, kind)
      const read = async (scope: string) => {
        const token = await server.token(`${server.clientId}@clients`, [scope])
        return (await server.call('GET', '/rolecall/overview', undefined, token)).body as unknown as Overview
      }
      assert.deepEqual(Object.keys(await read('read:logs')).toSorted(), ['attention', 'days', 'is_set_up'])
      assert.deepEqual(Object.keys(await read('read:users')).toSorted(), ['attention', 'is_set_up', 'users'])
    })
  })
