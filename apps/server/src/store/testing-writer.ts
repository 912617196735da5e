/**
 * Writes to the store in the file it is given until it is killed, and prints the id of every row whose write was
 * acknowledged. Half are single statements, half transactions of two rows, several under way at any time.
 */
import { openStore } from './open-store.ts'
import { toJson } from './values.ts'

const [file = '', prefix = ''] = process.argv.slice(2)
const store = await openStore({ file })
const row = (id: string) => ({ id, data: toJson({ id }), updated_at: 0 })

async function write(lane: number): Promise<never> {
  for (let n = 0; ; n++) {
    const id = `${prefix}-${lane}-${n}`
    if (lane % 2 === 0) {
      await store.db.insertInto('settings').values(row(id)).execute()
    } else {
      await store.transaction(async (tx) => {
        await tx.insertInto('settings').values(row(id)).execute()
        await tx
          .insertInto('settings')
          .values(row(`${id}-twin`))
          .execute()
      })
    }
    process.stdout.write(`${id}\n`)
  }
}

await Promise.all([0, 1, 2, 3, 4, 5].map(write))
