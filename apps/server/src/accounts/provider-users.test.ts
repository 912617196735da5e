import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { findConnection } from '../connections/store.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { addProviderUser } from '../roles/testing-provider.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'

for (const kind of stores)
  describe(`users of another provider on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let call: ManagementServer['call']
    let connectionId: string
    let clientId: string
    let path: string
    let userId: string
    const refused = async (...args: Parameters<ManagementServer['call']>) => {
      const { status, body } = await call(...args)
      assert.deepEqual(
        [status, body['errorCode']],
        [400, 'operation_not_supported'],
        `${args[0]} ${args[1]} ${JSON.stringify(body)}`,
      )
      return String(body['message'])
    }
    const options = { client_id: 'c', issuer: 'https://id.example.com' }

    before(async () => {
      server = await startManagement(end, kind)
      call = server.call
      clientId = String((await call('POST', '/clients', { name: 'App' })).body['client_id'])
      const { body } = await call('POST', '/connections', {
        name: 'partner',
        strategy: 'oidc',
        enabled_clients: [clientId],
        options,
      })
      connectionId = String(body['id'])
      const made = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection: 'partner', email: 'ada@example.com', name: 'Ada' }),
      )
      userId = made.userId
      path = `/users/${encodeURIComponent(userId)}`
    })

    it('are created by their first log-in alone', async () => {
      const message = await refused('POST', '/users', {
        connection: 'partner',
        email: 'grace@example.com',
        password: 'a lantern on the 3rd bridge',
      })
      assert.equal(
        message,
        'Creating a user needs a database connection: the users of partner log in at another provider (oidc)',
      )
    })

    it('have no password, no user name, and no links by mail', async () => {
      for (const body of [
        { password: 'a lantern on the 3rd bridge' },
        { username: 'ada' },
        { verify_email: true },
      ])
        await refused('PATCH', path, body)
      await refused('POST', '/tickets/password-change', { user_id: userId })
      await refused('POST', '/tickets/password-change', {
        email: 'ada@example.com',
        connection_id: connectionId,
      })
      await refused('POST', '/tickets/email-verification', { user_id: userId })
      await refused('POST', '/jobs/verification-email', { user_id: userId })
      await refused('GET', `/rolecall/connections/${connectionId}/lazy-migration`)
      await refused('POST', `/rolecall/connections/${connectionId}/lazy-migration/check`)
      assert.deepEqual(await server.ctx.store.db.selectFrom('tickets').selectAll().execute(), [])
    })

    it('keep a profile that each log-in replaces, and are blocked and described as others are', async () => {
      const change = { name: 'Ada L.', email: 'ada@example.org', email_verified: true }
      assert.equal(
        await refused('PATCH', path, change),
        'The following user attributes cannot be updated: email, email_verified, name. The connection (partner) must be a database connection, or have another set_user_root_attributes than on_each_login, which replaces them',
      )
      const others = { blocked: true, app_metadata: { plan: 'gold' }, user_metadata: { theme: 'dark' } }
      assert.equal((await call('PATCH', path, others)).status, 200)
      await call('PATCH', `/connections/${connectionId}`, {
        options: { ...options, set_user_root_attributes: 'on_first_login' },
      })
      assert.equal((await call('PATCH', path, change)).body['name'], 'Ada L.')
      await call('PATCH', `/connections/${connectionId}`, { options })
    })

    it('are not imported', async () => {
      const boundary = 'limit'
      const part = (header: string, content: string) =>
        `--${boundary}\r\ncontent-disposition: form-data; ${header}\r\n\r\n${content}\r\n`
      const answer = await server.app.inject({
        method: 'POST',
        url: '/api/v2/jobs/users-imports',
        headers: {
          authorization: `Bearer ${await server.token(`${server.clientId}@clients`, ['create:users'])}`,
          'content-type': `multipart/form-data; boundary=${boundary}`,
        },
        payload: `${part('name="connection_id"', connectionId)}${part('name="users"; filename="users.json"', '[{"email":"grace@example.com"}]')}--${boundary}--\r\n`,
      })
      assert.equal(answer.statusCode, 400, answer.body)
      assert.match(answer.json().message, /^An import needs a database connection/)
    })

    it('are out of reach of Auth0’s calls for databases', async () => {
      for (const route of ['signup', 'change_password']) {
        const answer = await server.app.inject({
          method: 'POST',
          url: `/dbconnections/${route}`,
          payload: {
            client_id: clientId,
            connection: 'partner',
            email: 'ada@example.com',
            password: 'a lantern on the 3rd bridge',
          },
        })
        assert.deepEqual([answer.statusCode, answer.json().code], [400, 'invalid_connection'], answer.body)
      }
    })

    it('are managed like others, also by the longest id that a provider can lead to', async () => {
      const name = `a-${'long-'.repeat(25)}1`
      const { body } = await call('POST', '/connections', { name, strategy: 'oidc', options })
      const subject = `a/b?c|d %2f${'/'.repeat(244)}`
      const id = await addProviderUser(server.ctx, { id: String(body['id']), name }, subject, 'lin@x.test')
      assert.equal(id.length, 389)
      const at = `/users/${encodeURIComponent(id)}`
      const role = String((await call('POST', '/roles', { name: 'Long', description: '' })).body['id'])
      const requests: Parameters<ManagementServer['call']>[] = [
        ['GET', at],
        ['POST', `${at}/roles`, { roles: [role] }],
        ['POST', `/roles/${role}/users`, { users: [id] }],
        ['GET', `${at}/roles`],
        ['GET', `${at}/permissions`],
        ['GET', `${at}/sessions`],
        ['GET', `${at}/authentication-methods`],
        ['GET', `${at}/logs`],
        ['GET', `/user-blocks/${encodeURIComponent(id)}`],
        ['GET', `/grants?user_id=${encodeURIComponent(id)}`],
        ['POST', '/rolecall/users/block', { users: [{ user_id: id }] }],
        ['PATCH', at, { blocked: false }],
        ['DELETE', at],
      ]
      for (const [method, url, sent] of requests) {
        const answer = await call(method, url, sent)
        assert.ok(answer.status < 300, `${method} ${url.slice(0, 30)} ${JSON.stringify(answer.body)}`)
      }
    })

    it('never take the name of the database that the first owner is created in', async () => {
      const database = await findConnection(server.ctx.store.db, 'Username-Password-Authentication')
      assert.equal((await call('DELETE', `/connections/${database?.id}`)).status, 204)
      const body = { name: 'Username-Password-Authentication', strategy: 'oidc', options }
      await refused('POST', '/connections', body)
    })
  })
