import { join } from 'node:path'
import { type Db, insertUser, openStore } from '@rolecall/server/test-kit'
import { type Lab, launch, site } from '../start/launcher.ts'

const count = 10_000
/** A transaction must end within seconds, on a busy machine too. */
const batch = 2_500

/** The whole system with 10,000 users besides the tutorial's three. */
export async function startWithManyUsers(t: {
  after(clean: () => void | Promise<void>): void
}): Promise<Lab> {
  const { dir, args, readLab } = await site(t)
  const first = launch(args)
  await first.running()
  first.process.kill('SIGTERM')
  await first.ended
  await addUsers(join(dir, 'rolecall.db'))
  const second = launch(args)
  t.after(async () => {
    second.process.kill('SIGTERM')
    await second.ended
  })
  await second.running()
  return readLab()
}

/** Writes them to the store: over HTTP it would take minutes. */
async function addUsers(file: string): Promise<void> {
  const store = await openStore({ file })
  const now = Date.now()
  for (let start = 0; start < count; start += batch) await store.transaction((tx) => addBatch(tx, start))
  await store.close()

  async function addBatch(tx: Db, start: number): Promise<void> {
    for (let index = start; index < start + batch; index++) {
      const email = `user-${String(index).padStart(6, '0')}@example.com`
      await insertUser(tx, {
        userId: `auth0|${String(index).padStart(24, '0')}`,
        connection: 'Username-Password-Authentication',
        email,
        emailVerified: true,
        name: email,
        nickname: email.slice(0, 11),
        picture: '',
        blocked: false,
        userMetadata: {},
        appMetadata: {},
        loginsCount: 0,
        createdAt: now,
        updatedAt: now,
      })
    }
  }
}
