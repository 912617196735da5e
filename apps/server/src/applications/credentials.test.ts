import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { calculateJwkThumbprint } from 'jose'
import { issueCertificate } from '../crypto/certificate.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { matchSecret } from './secrets.ts'
import { findApplication } from './store.ts'

const rsa = (modulusLength = 2048) => generateKeyPairSync('rsa', { modulusLength })
const spki = { type: 'spki', format: 'pem' } as const
const credential_type = 'public_key'

for (const kind of stores)
  describe(`keys of applications on ${kind.name}`, () => {
    const end = untilTheEnd()
    let call: ManagementServer['call']
    let server: ManagementServer
    const newClient = async () =>
      (await call('POST', '/clients', { name: 'Signing', app_type: 'non_interactive' })).body as unknown as {
        client_id: string
        client_secret: string
      }

    before(async () => {
      server = await startManagement(end, kind)
      call = server.call
    })

    it('are added, read, given an end and removed', async () => {
      const { client_id } = await newClient()
      const path = `/clients/${client_id}/credentials`
      assert.deepEqual((await call('GET', path)).body, [])
      const { publicKey } = rsa()
      const added = await call('POST', path, { credential_type, name: 'First', pem: publicKey.export(spki) })
      assert.equal(added.status, 201)
      const { id } = added.body
      assert.match(String(id), /^cred_[A-Za-z0-9]{22}$/)
      assert.equal(
        added.body['thumbprint_sha256'],
        await calculateJwkThumbprint(publicKey.export({ format: 'jwk' })),
      )
      assert.equal(added.body['alg'], 'RS256')
      assert.deepEqual((await call('GET', path)).body, [added.body])
      const ending = await call('PATCH', `${path}/${id}`, { expires_at: '2030-01-01T00:00:00Z' })
      assert.equal(ending.body['expires_at'], '2030-01-01T00:00:00.000Z')
      assert.equal((await call('DELETE', `${path}/${id}`)).status, 204)
      assert.equal((await call('GET', `${path}/${id}`)).status, 404)
    })

    it('may come with the application, and take the place of its secret', async () => {
      const { publicKey } = rsa()
      const pem = publicKey.export(spki)
      const made = await call('POST', '/clients', {
        name: 'With a key',
        app_type: 'non_interactive',
        client_authentication_methods: { private_key_jwt: { credentials: [{ credential_type, pem }] } },
      })
      assert.equal(made.body['client_secret'], undefined)
      const [credential] = (await call('GET', `/clients/${made.body['client_id']}/credentials`)).body
      assert.deepEqual(made.body['client_authentication_methods'], {
        private_key_jwt: { credentials: [{ id: credential?.['id'] }] },
      })
      const inUse = await call(
        'DELETE',
        `/clients/${made.body['client_id']}/credentials/${credential?.['id']}`,
      )
      assert.equal(inUse.status, 400)
    })

    it('end a secret when an application changes over to them', async () => {
      const { client_id, client_secret } = await newClient()
      const { id } = (
        await call('POST', `/clients/${client_id}/credentials`, {
          credential_type,
          pem: rsa().publicKey.export(spki),
        })
      ).body
      const unknown = { private_key_jwt: { credentials: [{ id: 'cred_0000000000000000000000' }] } }
      assert.equal(
        (await call('PATCH', `/clients/${client_id}`, { client_authentication_methods: unknown })).status,
        400,
      )
      const changed = await call('PATCH', `/clients/${client_id}`, {
        client_authentication_methods: { private_key_jwt: { credentials: [{ id }] } },
      })
      assert.equal(changed.status, 200)
      const application = await findApplication(server.ctx.store.db, client_id)
      assert.ok(application)
      assert.equal(matchSecret(application, client_secret, Date.now()), undefined)
    })

    it('can be certificates, whose end they may take over', async () => {
      const { publicKey, privateKey } = rsa()
      const notAfter = Date.UTC(2031, 0, 1)
      const issuer = { commonName: 'self', privateKey }
      const { pem } = await issueCertificate({
        commonName: 'self',
        publicKey,
        issuer,
        notBefore: 0,
        notAfter,
      })
      const { client_id } = await newClient()
      const added = await call('POST', `/clients/${client_id}/credentials`, {
        credential_type,
        pem,
        alg: 'PS256',
        parse_expiry_from_cert: true,
      })
      assert.deepEqual(
        [added.body['alg'], added.body['expires_at']],
        ['PS256', new Date(notAfter).toISOString()],
      )
    })

    it('are two at most, each once, public, RSA, and of 2048 bits at least', async () => {
      const { client_id } = await newClient()
      const path = `/clients/${client_id}/credentials`
      const refused = [
        rsa(1024).publicKey.export(spki),
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export(spki),
        rsa().privateKey.export({ type: 'pkcs8', format: 'pem' }),
        'not a key',
        '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      ]
      for (const pem of refused) {
        const answer = await call('POST', path, { credential_type, pem })
        assert.deepEqual([answer.status, answer.body['errorCode']], [400, 'invalid_body'])
      }
      const [one, two, three] = [rsa(), rsa(), rsa()].map(({ publicKey }) => publicKey.export(spki))
      assert.equal((await call('POST', path, { credential_type, pem: one })).status, 201)
      assert.equal((await call('POST', path, { credential_type, pem: one })).status, 409)
      assert.equal((await call('POST', path, { credential_type, pem: two })).status, 201)
      assert.equal((await call('POST', path, { credential_type, pem: three })).status, 400)
    })
  })
