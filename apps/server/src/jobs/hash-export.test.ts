import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { customPasswordHash } from '@rolecall/contract'
import { z } from 'zod'
import { runCommand } from '../commands.ts'
import { defaultConnectionName } from '../connections/connections.ts'
import { openContext } from '../context.ts'
import { hashPassword } from '../crypto/argon2.ts'
import { toStored, verifyPassword } from '../crypto/foreign-hash.ts'
import { openKeyRing } from '../keys/key-ring.ts'
import { temporaryFolder } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { ensureSystemObjects } from '../system-objects.ts'
import { testConfig } from '../testing/config.ts'
import { createUser } from '../users/users.ts'
import { hashToImportSchema } from './exported-hash.ts'
import { parseCustomHash, parsePasswordHash } from './imported-hash.ts'
import { readRecord } from './imported-user.ts'

const vectors = z
  .array(z.object({ custom_password_hash: customPasswordHash }))
  .parse(JSON.parse(await readFile(new URL('./imported-hash.vectors.json', import.meta.url), 'utf8')))

describe('the export with password hashes', () => {
  it('writes hashes that an import reads as they were, and leaves out those that are hashed again', async () => {
    let written = 0
    for (const { custom_password_hash: given } of vectors) {
      const foreign = parseCustomHash(given)
      const { hash: stored } = await toStored(foreign)
      const exported = hashToImportSchema(stored)
      if (stored.includes('"wrapped"')) {
        assert.equal(exported, undefined)
        continue
      }
      written++
      const again =
        exported?.password_hash === undefined
          ? exported?.custom_password_hash && parseCustomHash(exported.custom_password_hash)
          : parsePasswordHash(exported.password_hash)
      assert.deepEqual(again, foreign)
    }
    assert.ok(written > 5, String(written))
  })

  it('is a file of the command export-users, that only its owner can read', async (t) => {
    const config = testConfig({ dataDir: await temporaryFolder(t) })
    const ctx = await openContext(config)
    const passwordHash = await hashPassword('correct horse battery staple')
    try {
      await ensureSystemObjects(ctx)
      await openKeyRing(ctx)
      await transaction(ctx, async (tx) => {
        await createUser(tx, {
          connection: defaultConnectionName,
          email: 'ada@example.com',
          userId: 'auth0|ada',
          emailVerified: true,
          appMetadata: { plan: 'gold' },
          passwordHash,
        })
        await createUser(tx, { connection: defaultConnectionName, email: 'bob@example.com' })
      })
      const file = join(config.dataDir, 'users.ndjson')
      await assert.rejects(
        runCommand(['export-users', defaultConnectionName, file], () => config),
        /The server is using the store/,
      )
    } finally {
      await ctx.mailer.close()
      await ctx.store.close()
    }
    const file = join(config.dataDir, 'users.ndjson')
    const run = (...args: string[]) => runCommand(['export-users', ...args], () => config)
    assert.match(await run(defaultConnectionName, file), /^2 users were written to .*users\.ndjson/)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    await assert.rejects(run(defaultConnectionName, file), /cannot be written: EEXIST/)
    await assert.rejects(run('Unknown', join(config.dataDir, 'other')), /There is no connection Unknown/)

    const lines = (await readFile(file, 'utf8')).trim().split('\n')
    // Both were created in one millisecond, so their random ids order them.
    const ada = lines
      .map((text, index) => readRecord({ line: index + 1, text }, defaultConnectionName))
      .find((record) => 'user' in record && record.user.email === 'ada@example.com')
    assert.ok(ada && 'user' in ada && ada.hash)
    assert.deepEqual(
      [ada.user.user_id, ada.user.email_verified, ada.user.app_metadata],
      ['ada', true, { plan: 'gold' }],
    )
    const { hash } = await toStored(ada.hash)
    assert.ok((await verifyPassword('correct horse battery staple', hash)).ok)
  })
})
