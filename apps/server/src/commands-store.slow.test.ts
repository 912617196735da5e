import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { createApi, requireApi } from './apis/apis.ts'
import { runCommand } from './commands.ts'
import type { Config } from './config.ts'
import { type Context, openContext } from './context.ts'
import { openKeyRing } from './keys/key-ring.ts'
import { writeLogs } from './logs/log.ts'
import { createRole } from './roles/roles.ts'
import { payloadContext, putArtifact } from './sessions/store.ts'
import { currentPosition } from './store/marks.ts'
import { stores, temporaryDatabase, temporaryFolder } from './store/testing.ts'
import { transaction } from './store/transaction.ts'
import { ensureSystemObjects } from './system-objects.ts'
import { testConfig } from './testing/config.ts'
import { makeTutorial } from './testing/tutorial.ts'

const configFor = (dataDir: string, more: Partial<Config> = {}) => testConfig({ dataDir, ...more })
const limit = { timeout: 180_000 }

/** Runs `work` with the store of a server that has started. */
async function withServer<T>(config: Config, work: (ctx: Context) => Promise<T>): Promise<T> {
  const ctx = await openContext(config)
  try {
    await ensureSystemObjects(ctx)
    await openKeyRing(ctx)
    return await work(ctx)
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}

const addRole = (ctx: Context, name: string) => transaction(ctx, (tx) => createRole(tx, { name }))
const roleNames = (config: Config) =>
  withServer(config, async ({ store }) =>
    (
      await store.db
        .selectFrom('roles')
        .select('name')
        .where('is_system', '=', false as unknown)
        .orderBy('name')
        .execute()
    ).map(({ name }) => name),
  )
const epochOf = (config: Config) =>
  withServer(config, async ({ store }) => (await currentPosition(store.db)).epoch)

describe('the commands backup and restore', limit, () => {
  it('copy a store while a server writes to it, and bring it back in a new epoch', async (t) => {
    const config = configFor(await temporaryFolder(t))
    const folder = await temporaryFolder(t)
    const file = join(folder, 'backup.db')
    await withServer(config, async (ctx) => {
      await addRole(ctx, 'a: before')
      const end = new AbortController()
      const writing = (async () => {
        for (let n = 0; !end.signal.aborted; n++) await addRole(ctx, `b: meanwhile ${n}`)
      })()
      const said = await runCommand(['backup', file], () => config)
      end.abort()
      await writing
      assert.match(said, /^The store was copied to .*backup\.db\. Keep the sealing key in another place/)
      await assert.rejects(
        runCommand(['backup', file], () => config),
        /exists: name a new file/,
      )
      await assert.rejects(
        runCommand(['restore', file], () => config),
        /Another server is using/,
      )
      await addRole(ctx, 'c: after')
    })
    assert.deepEqual(await readdir(folder), ['backup.db'])
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    const epoch = await epochOf(config)
    const said = await runCommand(['restore', file], () => config)
    const names = await roleNames(config)
    assert.equal(names[0], 'a: before')
    assert.ok(!names.includes('c: after'))
    assert.notEqual(await epochOf(config), epoch)

    const [, old = ''] = /The store until now is in (.*)\.$/.exec(said) ?? []
    const earlier = configFor(await temporaryFolder(t))
    await copyFile(join(config.dataDir, 'sealing.key'), join(earlier.dataDir, 'sealing.key'))
    await copyFile(old, join(earlier.dataDir, 'rolecall.db'))
    assert.ok((await roleNames(earlier)).includes('c: after'), 'the replaced store is kept')
    const left = (await readdir(config.dataDir)).filter((name) => /restoring|part/.test(name))
    assert.deepEqual(left, [])
  })

  it('leave the store as it is when the backup is damaged, is none, or is of another sealing key', async (t) => {
    const config = configFor(await temporaryFolder(t))
    await withServer(config, (ctx) => addRole(ctx, 'kept'))
    const folder = await temporaryFolder(t)
    const at = (name: string) => join(folder, name)
    await runCommand(['backup', at('whole.db')], () => config)
    await copyFile(at('whole.db'), at('short.db'))
    await truncate(at('short.db'), 40_960)
    await writeFile(at('none.db'), randomBytes(8_192))
    await writeFile(at('empty.db'), '')
    const other = configFor(await temporaryFolder(t))
    await withServer(other, (ctx) => addRole(ctx, 'of another store'))
    await runCommand(['backup', at('other.db')], () => other)
    for (const [name, message] of [
      ['short.db', /is damaged, or is not a Rolecall store/],
      ['none.db', /is damaged, or is not a Rolecall store/],
      ['empty.db', /is damaged, or is not a Rolecall store/],
      ['missing.db', /^There is no .*missing\.db\.$/],
      ['other.db', /is not the one that the store was sealed with/],
    ] as const)
      await assert.rejects(
        runCommand(['restore', at(name)], () => config),
        { message },
        name,
      )
    assert.deepEqual(await roleNames(config), ['kept'])
    assert.deepEqual((await readdir(config.dataDir)).toSorted(), [
      'rolecall.db',
      'rolecall.db.lock',
      'sealing.key',
    ])
  })

  it('keep the store of a server that was killed, in one file', async (t) => {
    const config = configFor(await temporaryFolder(t))
    const killed = configFor(await temporaryFolder(t))
    const file = join(await temporaryFolder(t), 'backup.db')
    await withServer(config, async (ctx) => {
      await runCommand(['backup', file], () => config)
      await addRole(ctx, 'in the write-ahead log')
      // As a process leaves them that cannot close them.
      for (const name of ['rolecall.db', 'rolecall.db-wal', 'sealing.key'])
        await copyFile(join(config.dataDir, name), join(killed.dataDir, name))
    })
    const said = await runCommand(['restore', file], () => killed)
    assert.deepEqual(await roleNames(killed), [])
    const [, old = ''] = /The store until now is in (.*)\.$/.exec(said) ?? []
    const earlier = configFor(await temporaryFolder(t))
    await copyFile(join(config.dataDir, 'sealing.key'), join(earlier.dataDir, 'sealing.key'))
    await copyFile(old, join(earlier.dataDir, 'rolecall.db'))
    assert.deepEqual(await roleNames(earlier), ['in the write-ahead log'])
  })

  it('say what prevents a restore, and leave the store as it is', async (t) => {
    const config = configFor(await temporaryFolder(t))
    await withServer(config, (ctx) => addRole(ctx, 'kept'))
    const folder = await temporaryFolder(t)
    await assert.rejects(
      runCommand(['restore', folder], () => config),
      { name: 'StoreError', message: /could not be restored \(.*EISDIR.*\)\. The store is as it was\.$/ },
    )
    assert.deepEqual(await roleNames(config), ['kept'])
  })

  it('show the help instead of writing to a file of that name', async () => {
    for (const given of [
      ['backup', '--help'],
      ['restore', '-h'],
      ['copy', 'file', '--help'],
    ])
      assert.match(await runCommand(given, () => assert.fail('no command runs')), /owner-link/)
  })

  it('make a store in an empty folder that has the sealing key', async (t) => {
    const config = configFor(await temporaryFolder(t))
    await withServer(config, (ctx) => addRole(ctx, 'moved'))
    const file = join(await temporaryFolder(t), 'backup.db')
    await runCommand(['backup', file], () => config)
    const fresh = configFor(await temporaryFolder(t))
    await assert.rejects(
      runCommand(['restore', file], () => fresh),
      /sealing\.key is missing/,
    )
    await copyFile(join(config.dataDir, 'sealing.key'), join(fresh.dataDir, 'sealing.key'))
    await runCommand(['restore', file], () => fresh)
    assert.deepEqual(await roleNames(fresh), ['moved'])
  })
})

describe('the command copy', {
  ...limit,
  skip: !stores.some(({ name }) => name === 'PostgreSQL'),
}, () => {
  /** Every row, in a form that both databases have. */
  const rowsOf = async ({ store: { db } }: Context) => {
    const tables = ['roles', 'users', 'user_roles', 'applications', 'signing_keys', 'artifacts', 'logs']
    const all = []
    for (const table of tables) {
      const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(db)
      all.push(
        rows
          .map((row) =>
            Object.entries(row)
              .filter(([column]) => column !== 'search_id')
              .map(([column, value]) => `${column}: ${plain(value)}`)
              .toSorted()
              .join('\n'),
          )
          .toSorted(),
      )
    }
    return all
  }
  const plain = (value: unknown): string => {
    if (typeof value === 'boolean') return String(Number(value))
    const text = String(value)
    if (!/^[[{]/.test(text)) return text
    return Array.from(JSON.stringify(JSON.parse(text)))
      .toSorted()
      .join('')
  }

  it('carries a store to PostgreSQL and back, and it works there', async (t) => {
    const config = configFor(await temporaryFolder(t))
    const databaseUrl = await temporaryDatabase(t)
    const before = await withServer(config, async (ctx) => {
      await makeTutorial(ctx)
      const entries = Array.from({ length: 1_200 }, (_, n) => ({
        type: 'sapi' as const,
        description: `entry ${n}`,
        date: n,
        details: { z: 1, a: [null, { y: 'ü', b: true }] },
      }))
      await writeLogs(ctx.store.db, entries.slice(0, 600))
      await writeLogs(ctx.store.db, entries.slice(600))
      return rowsOf(ctx)
    })
    const both = { ...config, databaseUrl }
    const said = await runCommand(['copy', 'file', 'postgres'], () => both)
    assert.match(said, /^ {2}logs {2}1200$/m)
    const there = await withServer(both, async (ctx) => {
      const api = await requireApi(ctx.store.db, 'https://hello-world.example.com')
      assert.ok(api.permissions.length > 0)
      return rowsOf(ctx)
    })
    assert.deepEqual(there, before)

    const back = configFor(await temporaryFolder(t), { databaseUrl })
    await copyFile(join(config.dataDir, 'sealing.key'), join(back.dataDir, 'sealing.key'))
    await runCommand(['copy', 'postgres', 'file'], () => back)
    const { databaseUrl: _, ...file } = back
    assert.deepEqual(await withServer(file, rowsOf), before)
    const found = await withServer(file, async ({ store }) =>
      sql`select rowid from users_search where users_search match 'adm'`.execute(store.db),
    )
    assert.equal(found.rows.length, 1, 'the text index is filled')
    await assert.rejects(
      runCommand(['copy', 'postgres', 'file'], () => back),
      /^StoreError: The target is not empty/,
    )
    await assert.rejects(
      runCommand(['copy', 'file', 'file'], () => back),
      /from file to postgres/,
    )
  })

  it('says so when rows are lost or changed on the way, and when the target fails', async (t) => {
    const config = configFor(await temporaryFolder(t))
    await withServer(config, (ctx) => makeTutorial(ctx))
    const copyTo = async (sabotage: string) => {
      const both = { ...config, databaseUrl: await temporaryDatabase(t) }
      const ctx = await openContext({ ...both, dataDir: config.dataDir })
      await ctx.store.db.deleteFrom('settings').execute()
      await sql.raw(sabotage).execute(ctx.store.db)
      await ctx.store.close()
      return runCommand(['copy', 'file', 'postgres'], () => both)
    }
    const trigger = (body: string) => `
      create function sabotage() returns trigger language plpgsql as $$ begin ${body} end $$;
      create trigger sabotage before insert on users for each row execute function sabotage();`
    await assert.rejects(
      copyTo(trigger("if new.email like 'member%' then return null; end if; return new;")),
      /users differs after the copy: 2 rows were read, and 1 are there/,
    )
    await assert.rejects(
      copyTo(trigger("new.name := 'another'; return new;")),
      /users differs after the copy: 2 rows were read, and 2 are there/,
    )
    await assert.rejects(copyTo(trigger("raise exception 'the disk is full';")), /the disk is full/)
  })
})

describe('the command rotate-sealing-key', limit, () => {
  const artifacts = 3_000

  async function filled(config: Config): Promise<string> {
    return withServer(config, async (ctx) => {
      const { sealer, store, clock } = ctx
      const now = clock()
      await transaction(ctx, async (tx) => {
        await createApi(tx, sealer, {
          identifier: 'https://hs.test',
          signingAlg: 'HS256',
          signingSecret: 'x'.repeat(32),
        })
        for (let n = 0; n < artifacts; n++) {
          // A session that has ended keeps the payload of the session.
          const kind = n % 2 ? 'EndedSession' : 'RefreshToken'
          const id_hash = `hash-${n}`
          await putArtifact(tx.db, {
            kind,
            id_hash,
            payload: sealer.seal(`payload ${n}`, payloadContext(kind, id_hash)),
            grant_id: null,
            uid: null,
            user_code: null,
            user_id: null,
            client_id: null,
            created_at: now,
            expires_at: null,
          })
        }
      })
      const { data } = await store.db
        .selectFrom('settings')
        .select('data')
        .where('id', '=', 'sealing-check')
        .executeTakeFirstOrThrow()
      return String(data)
    })
  }

  /** Fails unless each value opens with the key of this configuration alone. */
  const assertSealed = (config: Config) =>
    withServer(config, async ({ sealer, store }) => {
      assert.equal(sealer.deriveAll('cookies').length, 1, 'there is no previous key')
      const rows = await store.db.selectFrom('artifacts').select(['kind', 'id_hash', 'payload']).execute()
      assert.equal(rows.length, artifacts)
      for (const { kind, id_hash, payload } of rows)
        assert.ok(sealer.isCurrent(payload, payloadContext(kind, id_hash)))
    })

  it('is finished by the next run after it was killed, and the server starts in between', async (t) => {
    const config = configFor(await temporaryFolder(t))
    const check = await filled(config)
    const oldKey = await readFile(join(config.dataDir, 'sealing.key'), 'utf8')
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), 'rotate-sealing-key'], {
      env: { PATH: process.env['PATH'], DATA_DIR: config.dataDir },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    t.after(() => child.kill('SIGKILL'))
    const exited = once(child, 'exit')
    const previous = join(config.dataDir, 'sealing.key.previous')
    while (!existsSync(previous) && child.exitCode === null) await pause(2)
    child.kill('SIGKILL')
    await exited
    await withServer(config, async () => {})
    const said = await runCommand(['rotate-sealing-key'], () => config)
    assert.match(
      said,
      /^\d+ values were sealed with the new key\. The old key is in .*sealing\.key\.until-\d{14}: /,
    )
    assert.ok(!existsSync(previous))
    assert.notEqual(await readFile(join(config.dataDir, 'sealing.key'), 'utf8'), oldKey)
    await assertSealed(config)
    await assert.rejects(openContext({ ...config, sealingKey: oldKey.trim() }), /is not the one/)
    assert.ok(check)
  })

  for (const kind of stores)
    it(`takes both keys from the environment on ${kind.name}, and refuses to end while a value does not open`, async (t) => {
      const oldKey = randomBytes(32).toString('base64')
      const newKey = randomBytes(32).toString('base64')
      const dataDir = await temporaryFolder(t)
      const place = kind.name === 'PostgreSQL' ? { databaseUrl: await temporaryDatabase(t) } : {}
      const before = configFor(dataDir, { ...place, sealingKey: oldKey })
      await filled(before)
      const both = { ...before, sealingKey: newKey, previousSealingKey: oldKey }
      await assert.rejects(
        runCommand(['rotate-sealing-key'], () => before),
        /SEALING_KEY_PREVIOUS/,
      )
      await withServer(both, async ({ store }) => {
        await store.db
          .updateTable('artifacts')
          .set({ payload: 'AQ' })
          .where('id_hash', '=', 'hash-7')
          .execute()
      })
      await assert.rejects(
        runCommand(['rotate-sealing-key'], () => both),
        /^StoreError: 1 values open neither with the new key nor with the one before/,
      )
      // The other values are sealed already; the servers still start with both keys, and not with the new one alone.
      await assert.rejects(openContext({ ...before, sealingKey: newKey }), /is not the one/)
      await withServer(both, async ({ sealer, store }) => {
        const payload = sealer.seal('again', payloadContext('EndedSession', 'hash-7'))
        await store.db.updateTable('artifacts').set({ payload }).where('id_hash', '=', 'hash-7').execute()
      })
      assert.match(
        await runCommand(['rotate-sealing-key'], () => both),
        /^0 values were sealed with the new key\. Remove SEALING_KEY_PREVIOUS/,
      )
      await assertSealed({ ...before, sealingKey: newKey })
    })
})

describe('the command rotate-keys', limit, () => {
  for (const kind of stores)
    it(`signs with the next key, and in an emergency with new ones alone, on ${kind.name}`, async (t) => {
      const dataDir = await temporaryFolder(t)
      const place = kind.name === 'PostgreSQL' ? { databaseUrl: await temporaryDatabase(t) } : {}
      const config = configFor(dataDir, place)
      const kids = () =>
        withServer(config, async (ctx) => (await openKeyRing(ctx)).publicJwks().keys.map(({ kid }) => kid))
      const [current, next] = await kids()
      assert.match(await runCommand(['rotate-keys'], () => config), new RegExp(`the key ${next} from now on`))
      const rotated = await kids()
      assert.deepEqual([rotated[0], rotated[2]], [next, current])
      await runCommand(['rotate-keys', '--emergency'], () => config)
      const replaced = await kids()
      assert.deepEqual(
        replaced.filter((kid) => rotated.includes(kid)),
        [],
      )
      assert.equal(replaced.length, 2)
      const logged = await withServer(config, ({ store }) =>
        store.db
          .selectFrom('logs')
          .select('description')
          .where('description', 'like', '%on the command line%')
          .execute(),
      )
      assert.equal(logged.length, 2)
    })
})
