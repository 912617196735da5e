import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { untilTheEnd } from '../management/testing.ts'
import { tutorial } from '../seed/tutorial.ts'
import { managementCaller, nodesKinds } from '../testing/nodes.ts'
import { startServer, type TestServer } from '../testing/server.ts'
import { makeTutorial, requestToken } from '../testing/tutorial.ts'

interface Made {
  client_id: string
  client_secret: string
}

interface Listed {
  kind: string
  created_at?: string
  last_used_at?: string
  ends_at?: string
}

const hour = 3_600
const minuteMs = 60_000

for (const kind of nodesKinds)
  describe(`secrets of an application on ${kind.name}`, () => {
    const end = untilTheEnd()
    /** How far the clock of the servers is ahead. */
    let ahead = 0
    const clock = () => Date.now() + ahead
    let server: TestServer
    let nodes: string[]
    let manage: Awaited<ReturnType<typeof managementCaller>>

    before(async () => {
      server = await startServer(end, kind, { clock })
      await makeTutorial(server.ctx)
      nodes = await kind.addresses(end, server)
      manage = await managementCaller(server)
    })

    const newApplication = async () => {
      const made = (await manage('POST', '/clients', { name: 'Worker', app_type: 'non_interactive' })) as Made
      await manage('POST', '/client-grants', {
        client_id: made.client_id,
        audience: tutorial.api.identifier,
        scope: [],
      })
      return made
    }
    const rotate = async (id: string, body?: object) =>
      (await manage('POST', `/clients/${id}/rotate-secret`, body)) as Made
    const list = async (id: string) => (await manage('GET', `/rolecall/clients/${id}/secrets`)) as Listed[]
    const tokenAt = (issuer: string, client_id: string, client_secret: string) =>
      requestToken(
        { issuer },
        {
          grant_type: 'client_credentials',
          client_id,
          client_secret,
          audience: tutorial.api.identifier,
        },
      )
    /** Whether each server accepts the secret. Another server may have read the application up to a second ago. */
    const accepted = async (id: string, secret: string, expected: boolean) => {
      for (const issuer of nodes) {
        let status = 0
        for (let tries = 0; tries < 100; tries++) {
          ;({ status } = await tokenAt(issuer, id, secret))
          if ((status === 200) === expected) break
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        assert.equal(status === 200, expected, `${issuer} answered ${status}`)
      }
    }

    it('end at once when another one is made, unless the caller says otherwise', async () => {
      const { client_id, client_secret } = await newApplication()
      await accepted(client_id, client_secret, true)
      const { client_secret: second } = await rotate(client_id)
      await accepted(client_id, second, true)
      await accepted(client_id, client_secret, false)
      assert.deepEqual(
        (await list(client_id)).map(({ kind: which }) => which),
        ['current'],
      )
    })

    it('are accepted for as long as the caller said, and not a moment longer', async () => {
      const { client_id, client_secret: first } = await newApplication()
      const earliest = clock()
      const { client_secret: second } = await rotate(client_id, { previous_secret_lifetime: hour })
      const latest = clock()
      await accepted(client_id, second, true)
      await accepted(client_id, first, true)
      const [current, previous] = await list(client_id)
      assert.equal(current?.kind, 'current')
      const rotatedAt = Date.parse(String(previous?.ends_at)) - hour * 1_000
      assert.ok(earliest <= rotatedAt && rotatedAt <= latest)
      assert.ok(previous?.created_at)
      ahead += hour * 1_000 - minuteMs
      await accepted(client_id, first, true)
      ahead += minuteMs
      // Without a change of the application that would empty a cache.
      for (const issuer of nodes)
        assert.equal((await tokenAt(issuer, client_id, first)).body.error, 'access_denied')
      await accepted(client_id, second, true)
      assert.equal((await list(client_id)).length, 1)
    })

    it('can be ended before their time, once', async () => {
      const { client_id, client_secret: first } = await newApplication()
      const { client_secret: second } = await rotate(client_id, { previous_secret_lifetime: hour })
      await accepted(client_id, first, true)
      await manage('DELETE', `/rolecall/clients/${client_id}/secrets/previous`)
      await accepted(client_id, first, false)
      await accepted(client_id, second, true)
      await assert.rejects(
        manage('DELETE', `/rolecall/clients/${client_id}/secrets/previous`),
        /409 .*no_previous_secret/,
      )
    })

    it('are two at most: a third one ends the first', async () => {
      const { client_id, client_secret: first } = await newApplication()
      const { client_secret: second } = await rotate(client_id, { previous_secret_lifetime: hour })
      const { client_secret: third } = await rotate(client_id, { previous_secret_lifetime: hour })
      await accepted(client_id, third, true)
      await accepted(client_id, second, true)
      await accepted(client_id, first, false)
      const { client_secret: fourth } = await rotate(client_id)
      await accepted(client_id, fourth, true)
      await accepted(client_id, third, false)
      await accepted(client_id, second, false)
    })

    it('end both when the caller sets one, or the application becomes public', async () => {
      const { client_id, client_secret: first } = await newApplication()
      const { client_secret: second } = await rotate(client_id, { previous_secret_lifetime: hour })
      const own = 'brought-by-the-caller-0123456789abcdef'
      await manage('PATCH', `/clients/${client_id}`, { client_secret: own })
      await accepted(client_id, own, true)
      await accepted(client_id, first, false)
      await accepted(client_id, second, false)
      await rotate(client_id, { previous_secret_lifetime: hour })
      await manage('PATCH', `/clients/${client_id}`, {
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
      })
      await manage('PATCH', `/clients/${client_id}`, {
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials'],
      })
      await accepted(client_id, own, false)
      assert.deepEqual(await list(client_id), [])
    })

    it('stay two when something else of the application is changed', async () => {
      const { client_id, client_secret: first } = await newApplication()
      await rotate(client_id, { previous_secret_lifetime: hour })
      await manage('PATCH', `/clients/${client_id}`, { description: 'x' })
      await accepted(client_id, first, true)
    })

    it('say when they were last used, with one write in a minute', async () => {
      const { client_id, client_secret: first } = await newApplication()
      assert.equal((await list(client_id))[0]?.last_used_at, undefined)
      const used = async (which: string) =>
        (await list(client_id)).find(({ kind: listed }) => listed === which)?.last_used_at
      /** The answer does not wait for the write. */
      const usedAfter = async (which: string, earliest: number) => {
        let found: string | undefined
        for (let tries = 0; tries < 100; tries++) {
          found = await used(which)
          if (found !== undefined && Date.parse(found) >= earliest) return found
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
        return assert.fail(`${which} was last used ${found}`)
      }
      await tokenAt(server.issuer, client_id, first)
      const usedAt = await usedAfter('current', 0)
      ahead += minuteMs / 2
      await tokenAt(server.issuer, client_id, first)
      await tokenAt(server.issuer, client_id, 'not the secret of this application')
      assert.equal(await used('current'), usedAt)
      const { client_secret: second } = await rotate(client_id, { previous_secret_lifetime: hour })
      assert.equal(await used('current'), undefined)
      assert.equal(await used('previous'), usedAt)
      ahead += minuteMs
      const later = clock()
      await accepted(client_id, second, true)
      await usedAfter('current', later)
      assert.equal(await used('previous'), usedAt)
      await tokenAt(server.issuer, client_id, first)
      await usedAfter('previous', later)
    })

    it('say so for each application, where several were given the same one, and begin again when set again', async () => {
      const shared = 'the-same-for-both-0123456789abcdefghij'
      const [one, other] = [await newApplication(), await newApplication()]
      const isUsed = async ({ client_id }: Made) => {
        await tokenAt(server.issuer, client_id, shared)
        for (let tries = 0; tries < 100; tries++) {
          const [current] = await list(client_id)
          if (current?.last_used_at !== undefined) return true
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
        return false
      }
      for (const { client_id } of [one, other])
        await manage('PATCH', `/clients/${client_id}`, { client_secret: shared })
      assert.ok(await isUsed(one))
      assert.ok(await isUsed(other))

      for (const client_secret of ['another-one-0123456789abcdefghijklmn', shared])
        await manage('PATCH', `/clients/${one.client_id}`, { client_secret })
      assert.equal((await list(one.client_id))[0]?.last_used_at, undefined)
    })

    it('never show their value again, and refuse a time that is out of range', async () => {
      const { client_id, client_secret } = await newApplication()
      const { client_secret: second } = await rotate(client_id, { previous_secret_lifetime: hour })
      const shown = JSON.stringify([
        await list(client_id),
        await manage('GET', `/clients/${client_id}`),
        await manage('GET', '/logs'),
      ])
      const rows = await server.ctx.store.db
        .selectFrom('applications')
        .selectAll()
        .where('client_id', '=', client_id)
        .execute()
      for (const secret of [client_secret, second]) {
        assert.ok(!shown.includes(secret))
        assert.ok(!JSON.stringify(rows).includes(secret))
      }
      for (const seconds of [-1, 2_592_001, 1.5, '60'])
        await assert.rejects(rotate(client_id, { previous_secret_lifetime: seconds }), / 400 /)
    })
  })
