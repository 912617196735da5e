import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { assignRoles } from '../roles/assignments.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import type { User } from '../users/user.ts'
import { createUser } from '../users/users.ts'
import { openTicket } from './tickets.ts'

const connection = 'Username-Password-Authentication'

for (const kind of stores)
  describe(`tickets on ${kind.name}`, () => {
    const end = untilTheEnd()
    let now = Date.UTC(2027, 0, 1)
    let server: ManagementServer
    let call: ManagementServer['call']
    let ada: User
    const tokenOf = (link: unknown) => new URL(String(link)).searchParams.get('ticket') ?? ''

    before(async () => {
      server = await startManagement(end, kind, () => now)
      call = server.call
      ada = await transaction(server.ctx, (tx) => createUser(tx, { connection, email: 'ada@example.com' }))
    })

    it('open the page for a new password, under the configured issuer and never under a Host header', async () => {
      const made = await call('POST', '/tickets/password-change', {
        user_id: ada.userId,
        result_url: 'https://app.example.com/done?x=1',
        mark_email_as_verified: true,
        includeEmailInRedirect: true,
      })
      assert.equal(made.status, 201)
      assert.ok(String(made.body['ticket']).startsWith('http://localhost:5050/u/reset-password?ticket='))
      const opened = await openTicket(server.ctx, tokenOf(made.body['ticket']), 'reset_password')
      assert.equal(opened?.user.userId, ada.userId)
      assert.equal(opened?.ticket.markEmailVerified, true)
      assert.equal(opened?.ticket.resultUrl, 'https://app.example.com/done?x=1&email=ada%40example.com')
      assert.equal(await openTicket(server.ctx, tokenOf(made.body['ticket']), 'verify_email'), undefined)
    })

    it('name their user by id, or by address and connection', async () => {
      const [{ id } = { id: '' }] = (await call('GET', `/connections?name=${connection}`))
        .body as unknown as { id: string }[]
      const made = await call('POST', '/tickets/password-change', {
        email: 'ADA@example.com',
        connection_id: id,
      })
      const opened = await openTicket(server.ctx, tokenOf(made.body['ticket']), 'reset_password')
      assert.deepEqual([opened?.user.userId, opened?.ticket.markEmailVerified], [ada.userId, false])
      for (const [status, body] of [
        [400, {}],
        [400, { email: 'ada@example.com' }],
        [400, { user_id: ada.userId, email: 'ada@example.com' }],
        [404, { user_id: 'auth0|nobody' }],
        [404, { email: 'ada@example.com', connection_id: 'con_0000000000000000' }],
        [400, { user_id: ada.userId, result_url: 'javascript:alert(1)' }],
        [400, { user_id: ada.userId, ttl_sec: 2_592_001 }],
      ] as const)
        assert.equal(
          (await call('POST', '/tickets/password-change', body)).status,
          status,
          JSON.stringify(body),
        )
    })

    it('work for five days, or as long as was asked', async () => {
      const usual = await call('POST', '/tickets/email-verification', { user_id: ada.userId })
      const short = await call('POST', '/tickets/email-verification', { user_id: ada.userId, ttl_sec: 60 })
      const works = async ({ body }: typeof usual) =>
        (await openTicket(server.ctx, tokenOf(body['ticket']), 'verify_email')) !== undefined
      assert.deepEqual([await works(usual), await works(short)], [true, true])
      now += 60_000
      assert.deepEqual([await works(usual), await works(short)], [true, false])
      now += 432_000_000 - 60_000
      assert.equal(await works(usual), false)
      // The token of these calls lives for an hour.
      now -= 432_000_000
    })

    it('are kept as hashes and leave no trace in the log', async () => {
      const { body } = await call('POST', '/tickets/password-change', { user_id: ada.userId })
      const { db } = server.ctx.store
      const kept = [
        await db.selectFrom('tickets').selectAll().execute(),
        await db.selectFrom('logs').selectAll().execute(),
      ]
      assert.ok(!JSON.stringify(kept).includes(tokenOf(body['ticket'])))
    })

    it('to an account with management scopes are for callers who hold these themselves', async () => {
      const owner = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection, email: 'owner@example.com' }),
      )
      await transaction(server.ctx, (tx) => assignRoles(tx, owner.userId, [server.ownerRole.id]))
      const weak = await server.token(`${server.clientId}@clients`, ['create:user_tickets'])
      for (const path of ['/tickets/password-change', '/tickets/email-verification']) {
        const refused = await call('POST', path, { user_id: owner.userId }, weak)
        assert.deepEqual([refused.status, refused.body['errorCode']], [403, 'insufficient_privilege'])
        assert.equal((await call('POST', path, { user_id: ada.userId }, weak)).status, 201)
      }
    })
  })
