import { sql } from 'kysely'
import type { Context } from '../context.ts'
import type { Database } from '../store/schema.ts'
import type { Sealer } from './sealer.ts'

/** A column of sealed values, as its slice declares it. */
export interface SealedColumn {
  table: keyof Database
  /** The columns of the primary key. */
  key: readonly string[]
  column: string
  /** What the value of a row is sealed for. */
  contextOf: (row: Record<string, string>) => string
}

/** Of one transaction, which other writers of an embedded store wait for. */
const batchSize = 200

interface Resealed {
  /** Values that the previous key had sealed. */
  changed: number
  /** Values that neither key opens. They are left. */
  unreadable: number
}

/**
 * Seals every value of a column with the current key. A value that the server replaces meanwhile is left to it. It can be
 * ended and started again at any time: what the current key has sealed is skipped.
 */
export async function resealColumn(
  ctx: Pick<Context, 'store' | 'sealer'>,
  { table, key, column, contextOf }: SealedColumn,
): Promise<Resealed> {
  const { store, sealer } = ctx
  const columns = sql.join(key.map((name) => sql.ref(name)))
  const value = sql.ref(column)
  const keyOf = (row: Record<string, string>) => sql.join(key.map((name) => row[name] ?? ''))
  const result: Resealed = { changed: 0, unreadable: 0 }
  let last: Record<string, string> | undefined
  for (;;) {
    const after = last === undefined ? sql`` : sql`and (${columns}) > (${keyOf(last)})`
    const { rows } = await sql<Record<string, string>>`
      select ${columns}, ${value} from ${sql.table(table)} where ${value} is not null ${after}
      order by ${columns} limit ${sql.lit(batchSize)}`.execute(store.db)
    last = rows.at(-1)
    if (last === undefined) return result
    const fresh = rows.map((row) => reseal(sealer, row[column] ?? '', contextOf(row)))
    result.unreadable += fresh.filter((sealed) => sealed === 'unreadable').length
    result.changed += await store.transaction(async (tx) => {
      let changed = 0
      for (const [index, row] of rows.entries()) {
        const sealed = fresh[index]
        if (sealed === undefined || sealed === 'unreadable') continue
        const { numAffectedRows = 0n } = await sql`
          update ${sql.table(table)} set ${value} = ${sealed}
          where (${columns}) = (${keyOf(row)}) and ${value} = ${row[column]}`.execute(tx)
        changed += Number(numAffectedRows)
      }
      return changed
    })
  }
}

/** @returns undefined for a value that the current key has sealed */
function reseal(sealer: Sealer, sealed: string, context: string): string | undefined {
  if (sealer.isCurrent(sealed, context)) return undefined
  try {
    return sealer.seal(sealer.open(sealed, context), context)
  } catch {
    return 'unreadable'
  }
}
