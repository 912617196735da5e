import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { createApp } from '../app.ts'
import { openKeyRing } from '../keys/key-ring.ts'
import { createMailer } from '../mail/mailer.ts'
import { stores } from '../store/testing.ts'
import { ensureSystemObjects } from '../system-objects.ts'
import { testConfig } from '../testing/config.ts'
import {
  authorizationRequest,
  destination,
  logIn,
  makeTutorial,
  redeem,
  refresh,
} from '../testing/tutorial.ts'
import { createSealer } from './sealer.ts'

for (const kind of stores)
  describe(`two sealing keys on ${kind.name}`, () => {
    it('keep people logged in while the key is exchanged, and a server without the old one does not', async (t) => {
      const [oldKey, newKey] = [randomBytes(32), randomBytes(32)]
      const store = await kind.open(t)
      let port = 0
      const start = async (...keys: [Buffer, Buffer?]) => {
        const config = testConfig({ issuer: `http://127.0.0.1:${port}/` })
        const mailer = createMailer(config, store, Date.now)
        const ctx = { config, store, clock: Date.now, sealer: createSealer(...keys), mailer }
        await ensureSystemObjects(ctx)
        const app = await createApp(ctx, await openKeyRing(ctx))
        const address = await app.listen({ host: config.host, port })
        port = Number(new URL(address).port)
        return { app, ctx }
      }
      // The issuer contains the port, which the first start chooses.
      await (await start(oldKey)).app.close()
      const first = await start(oldKey)
      const issuer = `http://127.0.0.1:${port}/`
      const { spa } = await makeTutorial(first.ctx)
      const { browser, ...login } = await logIn({ issuer }, spa.clientId, 'admin@example.com')
      const { body: tokens } = await redeem({ issuer }, spa.clientId, login)
      await first.app.close()

      const silently = async () => {
        const { url } = authorizationRequest({ issuer }, spa.clientId, { prompt: 'none' })
        return destination(await browser.open(url)).searchParams
      }
      const second = await start(newKey, oldKey)
      const renewed = await refresh({ issuer }, spa.clientId, tokens.refresh_token)
      assert.equal(renewed.status, 200)
      assert.ok((await silently()).get('code'))
      await second.app.close()

      await assert.rejects(start(newKey), 'the signing keys are sealed with the old key')
    })
  })
