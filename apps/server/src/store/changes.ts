import type { Db } from './store.ts'

/** Says in the same transaction that `key` of `topic` is not what it was, so that no node trusts what it remembers. */
export async function recordChange(tx: Db, topic: string, key: string, at: number): Promise<void> {
  await tx.insertInto('changes').values({ topic, key, at }).execute()
}
