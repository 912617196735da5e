import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeLog } from '../logs/log.ts'
import { stores, temporaryFolder } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { startServer } from '../testing/server.ts'
import { createStream } from './streams.ts'
import { Receiver } from './testing.ts'

type Verify = (signature: string, body: string, streamId: string) => Promise<void>

test('the code of the guide accepts a delivery, and refuses another body, another stream and no signature', {
  timeout: 30_000,
}, async (t) => {
  const [kind] = stores
  assert(kind)
  let now = Date.now()
  const server = await startServer(t, kind, { clock: () => now })
  const receiver = new Receiver()
  t.after(() => receiver.close())
  const httpEndpoint = await receiver.url()
  const { ctx } = server
  const { id } = await transaction(ctx, (tx) =>
    createStream(tx, ctx.sealer, { type: 'http', sink: { httpEndpoint } }),
  )
  await writeLog(ctx.store.db, { type: 'w', description: 'something', date: now })
  now += 16_000
  await server.app.logStreams.deliver()
  const { headers, body } = receiver.received[0] ?? assert.fail('nothing was delivered')
  const signature = String(headers['rolecall-signature'])

  const guide = await readFile(new URL('../../../../docs/guides/log-streams.md', import.meta.url), 'utf8')
  const [, code = ''] = /```js\n([^]*?)```/.exec(guide) ?? []
  const file = join(await temporaryFolder(t), 'verify.mjs')
  await writeFile(
    file,
    code
      .replace('https://id.example.com/', server.issuer)
      .replace("'jose'", `'${import.meta.resolve('jose')}'`),
  )
  const { verifyDelivery } = (await import(file)) as { verifyDelivery: Verify }
  await verifyDelivery(signature, body, id)
  await assert.rejects(verifyDelivery(signature, `${body} `, id), /not the one that was signed/)
  await assert.rejects(verifyDelivery(signature, body, 'lst_another'), /aud/)
  await assert.rejects(verifyDelivery('', body, id))
})
