import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createGuard, type Guard, type GuardOptions } from '@rolecall/guard'
import * as fc from 'fast-check'
import { ApiError } from '../http/api-error.ts'
import { assignPermissions, assignRoles, unassignPermissions, unassignRoles } from '../roles/assignments.ts'
import { effectivePermissions } from '../roles/effective-permissions.ts'
import { setProviderRoles } from '../roles/provider-roles.ts'
import { addPermissionsToRole, removePermissionsFromRole } from '../roles/role-permissions.ts'
import { addProvider, linkIdentity } from '../roles/testing-provider.ts'
import { currentPosition, startEpoch } from '../store/marks.ts'
import { stores } from '../store/testing.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { tutorialServer } from '../testing/suite.ts'
import { audience, logIn, redeem, refresh } from '../testing/tutorial.ts'
import { ask, liveCredentials, until } from './testing.ts'

const name = 'read:admin-messages'
const refs = [{ api: audience, permission: name }]

/** What happens in one step of a sequence. */
type Step =
  | { kind: 'change'; user: 0 | 1; change: keyof ReturnType<typeof changes> }
  | { kind: 'refresh'; user: 0 | 1 }
  | { kind: 'restart' }
  /** The guard loses the events of its next poll. */
  | { kind: 'gap' }
  | { kind: 'epoch' }

const changes = (userId: string, roleId: string, connectionId: string) => ({
  assign: (tx: Tx) => assignRoles(tx, userId, [roleId]),
  async unassign(tx: Tx) {
    try {
      await unassignRoles(tx, userId, [roleId])
    } catch (error) {
      assert.ok(error instanceof ApiError && /gives it at each log-in/.test(error.message), String(error))
    }
  },
  receive: (tx: Tx) => setProviderRoles(tx, { connectionId, subject: userId, userId, roleIds: [roleId] }),
  lose: (tx: Tx) => setProviderRoles(tx, { connectionId, subject: userId, userId, roleIds: [] }),
  give: (tx: Tx) => assignPermissions(tx, userId, refs),
  take: (tx: Tx) => unassignPermissions(tx, userId, refs),
  extend: (tx: Tx) => addPermissionsToRole(tx, roleId, refs),
  reduce: (tx: Tx) => removePermissionsFromRole(tx, roleId, refs),
})

const user = fc.constantFrom<0 | 1>(0, 1)
const change = fc.constantFrom('assign', 'unassign', 'receive', 'lose', 'give', 'take', 'extend', 'reduce')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('change' as const), user, change }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('refresh' as const), user }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('gap' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('epoch' as const) }) },
)

for (const store of stores)
  describe(`the guard and a model that asks the store every time on ${store.name}`, () => {
    const server = tutorialServer(store)

    test('a token is accepted only while its user holds the permission, and a new one as soon as they do', async (t) => {
      const credentials = await liveCredentials(server.ctx)
      let loses = false
      const lossy: NonNullable<GuardOptions['fetch']> = async (url, init) => {
        const response = await fetch(url, init)
        if (!loses || !url.includes('/changes')) return response
        loses = false
        await response.body?.cancel()
        throw new Error('the answer was lost')
      }
      const newGuard = () =>
        createGuard({
          issuer: server.issuer,
          audience,
          // A poll before each answer: the model and the guard look at the same moment.
          live: { ...credentials, intervalMs: 0, whenUnreachable: 'refuse' },
          fetch: lossy,
          warn: () => {},
        })
      const accepts = async (guard: Guard, token: string) => (await ask(guard, token)) === '200'
      const isActive = async (token: string): Promise<boolean> => {
        const { clientId, clientSecret } = credentials
        const response = await fetch(new URL('/oauth/introspect', server.issuer), {
          method: 'POST',
          body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, token }),
        })
        const { active } = (await response.json()) as { active: boolean }
        return active
      }
      const people = await Promise.all(
        ['admin', 'member'].map(async (who) => {
          const login = await logIn(server, server.clientId, `${who}@example.com`)
          const { body } = await redeem(server, server.clientId, login)
          const { userId } = who === 'admin' ? server.admin : server.member
          return { userId, refreshToken: body.refresh_token, tokens: [body.access_token] }
        }),
      )
      const provider = await addProvider(server.ctx, 'Corporate')
      for (const { userId } of people)
        await transaction(server.ctx, (tx) => linkIdentity(tx, provider, userId, userId))
      const renew = async (person: (typeof people)[number]): Promise<string> => {
        const { status, body } = await refresh(server, server.clientId, person.refreshToken)
        assert.equal(status, 200)
        if (body.refresh_token) person.refreshToken = body.refresh_token
        return body.access_token
      }

      /** The server looks for a new epoch once a second, and a token may have it before the feed. */
      const answersSoon = (token: string, expected: boolean) =>
        until(
          async () => (await accepts(guard, token)) === expected,
          `a new token is ${expected ? 'refused' : 'accepted'}`,
        )

      let guard = newGuard()
      t.after(() => guard.close())
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
          for (const one of steps) {
            if (one.kind === 'change') {
              const { userId } = people[one.user]!
              await transaction(server.ctx, async (tx) => {
                await changes(userId, server.role.id, provider.id)[one.change](tx)
              })
            } else if (one.kind === 'refresh') {
              const person = people[one.user]!
              person.tokens = [await renew(person), ...person.tokens].slice(0, 3)
            } else if (one.kind === 'restart') {
              guard.close()
              guard = newGuard()
            } else if (one.kind === 'gap') loses = true
            else await startEpoch(server.ctx, (await currentPosition(server.ctx.store.db)).epoch)

            for (const person of people) {
              const held = await effectivePermissions(server.ctx.store.db, person.userId, server.api.id)
              for (const token of person.tokens) {
                const answer = await ask(guard, token)
                if (answer === '200') assert.ok(held.includes(name), JSON.stringify(one))
                // A guard that has not heard of a new epoch refuses the tokens of that one.
                const { epoch } = await currentPosition(server.ctx.store.db)
                if (
                  answer === '401 authorization_changed' &&
                  guard.live[0]?.position?.startsWith(`${epoch}.`)
                )
                  // The server looks for a new epoch once a second, the guard has just asked.
                  await until(async () => !(await isActive(token)), `inactive after ${JSON.stringify(one)}`)
              }
            }
          }
          for (const person of people) {
            const held = await effectivePermissions(server.ctx.store.db, person.userId, server.api.id)
            const token = await renew(person)
            loses = false
            await answersSoon(token, held.includes(name))
          }
        }),
        { numRuns: 8 },
      )
    })
  })
