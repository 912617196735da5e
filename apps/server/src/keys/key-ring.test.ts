import assert from 'node:assert/strict'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { createSealer } from '../crypto/sealer.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { openKeyRing } from './key-ring.ts'

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']

for (const kind of stores)
  describe(`the key ring on ${kind.name}`, () => {
    const end = untilTheEnd()
    let now = Date.UTC(2027, 0, 1)
    let server: ManagementServer
    let call: ManagementServer['call']
    let firstKid: string
    const states = () => server.keys.list().map(({ state }) => state)

    before(async () => {
      server = await startManagement(end, kind, () => now)
      call = server.call
      firstKid = server.keys.current().kid
    })

    it('publishes the key that signs and the one that will, and no private member (RFC 7517 §4)', () => {
      const { keys } = server.keys.publicJwks()
      assert.equal(keys.length, 2)
      for (const key of keys) {
        assert.deepEqual([key.kty, key.alg, key.use, key.kid?.length], ['RSA', 'RS256', 'sig', 43])
        for (const member of privateMembers) assert.equal(member in key, false, member)
        const certificate = new X509Certificate(Buffer.from(key.x5c?.[0] ?? '', 'base64'))
        assert.ok(certificate.verify(certificate.publicKey))
        assert.deepEqual(
          certificate.publicKey.export({ format: 'jwk' }),
          createPublicKey({ key, format: 'jwk' }).export({ format: 'jwk' }),
        )
        assert.equal(
          key.x5t,
          Buffer.from(certificate.fingerprint.replaceAll(':', ''), 'hex').toString('base64url'),
        )
      }
    })

    it('signs with the key that was published before, and verifies what the one before it signed', async () => {
      const [current, next] = server.keys.publicJwks().keys
      const { alg, kid, privateJwk } = server.keys.current()
      assert.equal(kid, current?.kid)
      const jwt = await new SignJWT({})
        .setProtectedHeader({ alg, kid })
        .sign(await importJWK(privateJwk, alg))
      let changes = 0
      const stop = server.keys.onChange(() => changes++)
      const rotated = await call('POST', '/keys/signing/rotate')
      stop()
      assert.deepEqual([rotated.status, rotated.body['kid'], changes], [201, next?.kid, 1])
      assert.equal(server.keys.current().kid, next?.kid)
      assert.deepEqual(
        server.keys.all().map((key) => key.kid),
        server.keys.publicJwks().keys.map((key) => key.kid),
      )
      const published = server.keys.publicJwks().keys.find((key) => key.kid === kid)
      await jwtVerify(jwt, await importJWK(published as JWK, alg))
      assert.deepEqual(states().toSorted(), ['current', 'next', 'previous'])
      const { body } = await call('GET', `/keys/signing/${kid}`)
      assert.match(String(body['cert']), /^-----BEGIN CERTIFICATE-----/)
      assert.match(String(body['pkcs7']), /^-----BEGIN (PKCS7|CMS)-----/)
      assert.match(String(body['fingerprint']), /^([0-9A-F]{2}:){19}[0-9A-F]{2}$/)
    })

    it('revokes a previous key, and neither the current nor the next one', async () => {
      await server.keys.rotate()
      const [current, next, ...others] = server.keys.all().map((key) => String(key.kid))
      // The token of these calls was signed by the first key, and would end with it.
      const previous = others.find((kid) => kid !== firstKid)
      for (const kid of [current, next])
        assert.equal((await call('PUT', `/keys/signing/${kid}/revoke`)).status, 400)
      assert.equal((await call('PUT', `/keys/signing/unknown/revoke`)).status, 404)
      const revoked = await call('PUT', `/keys/signing/${previous}/revoke`)
      assert.deepEqual([revoked.status, revoked.body['kid']], [200, previous])
      assert.ok(!server.keys.publicJwks().keys.some((key) => key.kid === previous))
      assert.equal((await call('GET', `/keys/signing/${previous}`)).body['revoked'], true)
    })

    it('publishes at most 20 previous keys: the next rotation requires that one of them is revoked', async () => {
      const previous = () => server.keys.all().slice(2)
      while (previous().length < 20) await server.keys.rotate()
      const { kid } = server.keys.current()
      const refused = await call('POST', '/keys/signing/rotate')
      assert.deepEqual([refused.status, refused.body['errorCode']], [409, 'too_many_signing_keys'])
      assert.equal(server.keys.current().kid, kid)
      // The token of these calls was signed by the first key.
      for (const key of previous()) if (key.kid !== firstKid) await server.keys.revoke(String(key.kid))
      assert.equal((await call('POST', '/keys/signing/rotate')).status, 201)
    })

    it('drops a previous key after a month, when all of its tokens have expired', async () => {
      const { kid } = server.keys.current()
      await server.keys.rotate()
      const isPublished = () => server.keys.publicJwks().keys.some((key) => key.kid === kid)
      now += 30 * 86_400_000
      await server.keys.reload()
      assert.equal(isPublished(), true)
      now += 2 * 86_400_000
      await server.keys.reload()
      assert.equal(isPublished(), false)
    })

    it('is shared by all servers: two that rotate at the same time do so one after the other', async () => {
      const other = await openKeyRing(server.ctx)
      assert.deepEqual(other.publicJwks(), server.keys.publicJwks())
      await Promise.all([server.keys.rotate(), other.rotate()])
      await Promise.all([server.keys.reload(), other.reload()])
      assert.deepEqual(other.publicJwks(), server.keys.publicJwks())
      assert.equal(states().filter((state) => state === 'current').length, 1)
    })

    it('rotates on schedule: once, whatever the number of servers, and says so in the log', async () => {
      const other = await openKeyRing(server.ctx)
      await server.keys.rotate()
      await other.reload()
      const [, next] = server.keys.publicJwks().keys
      const rotateBoth = () =>
        Promise.all([server.keys.rotateAfter(10 * 86_400_000), other.rotateAfter(10 * 86_400_000)])
      now += 10 * 86_400_000 - 1
      await rotateBoth()
      assert.notEqual(server.keys.current().kid, next?.kid)
      now += 1
      await rotateBoth()
      await Promise.all([server.keys.reload(), other.reload()])
      for (const ring of [server.keys, other]) assert.equal(ring.current().kid, next?.kid)
      const entries = await server.ctx.store.db
        .selectFrom('logs')
        .select('description')
        .where('description', 'like', '%on schedule')
        .execute()
      assert.equal(entries.length, 1)
    })

    it('changes nothing when a rotation fails halfway', async () => {
      const { db } = server.ctx.store
      const rows = () => db.selectFrom('signing_keys').select(['kid', 'state']).orderBy('kid').execute()
      const unchanged = await rows()
      const failing = await openKeyRing({
        ...server.ctx,
        store: {
          ...server.ctx.store,
          transaction: (work) =>
            server.ctx.store.transaction(async (tx) => {
              await work(tx)
              throw new Error('the server ended')
            }),
        },
      })
      await assert.rejects(failing.rotate(), /the server ended/)
      assert.deepEqual(await rows(), unchanged)
    })

    it('replaces every key at once when they may have been stolen', async () => {
      const stolen = new Set(server.keys.publicJwks().keys.map(({ kid }) => kid))
      await server.keys.replaceAll('The signing keys were replaced')
      const kept = server.keys.publicJwks().keys.map(({ kid }) => kid)
      assert.deepEqual([kept.length, kept.filter((kid) => stolen.has(kid))], [2, []])
      assert.deepEqual(new Set(states()), new Set(['current', 'next', 'revoked']))
    })

    it('keeps private keys sealed: another sealing key does not open them', async () => {
      const rows = JSON.stringify(await server.ctx.store.db.selectFrom('signing_keys').selectAll().execute())
      assert.ok(!rows.includes(String(server.keys.current().privateJwk.d)))
      await assert.rejects(openKeyRing({ ...server.ctx, sealer: createSealer(Buffer.alloc(32, 1)) }))
    })
  })
