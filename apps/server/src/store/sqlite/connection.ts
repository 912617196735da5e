import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { toParameter } from '../values.ts'

/** More than the server's distinct statements. Beyond it the oldest is dropped. */
const STATEMENTS_KEPT = 300

export interface Outcome {
  rows: Record<string, unknown>[]
  /** Absent for statements that return rows. */
  changes?: number
  lastInsertRowid?: number
}

/** One connection of node:sqlite with its prepared statements. Its methods block the thread. */
export class Connection {
  readonly database: DatabaseSync
  readonly #statements = new Map<string, { statement: StatementSync; returnsRows: boolean }>()

  constructor(file: string, options: { readOnly?: boolean; busyTimeoutMs: number }) {
    const { readOnly = false, busyTimeoutMs } = options
    this.database = new DatabaseSync(file, {
      readOnly,
      timeout: busyTimeoutMs,
      enableForeignKeyConstraints: true,
    })
    if (readOnly) return
    // NORMAL loses acknowledged rows when the power fails: https://sqlite.org/pragma.html#pragma_synchronous
    this.database.exec('pragma journal_mode = wal; pragma synchronous = full')
  }

  run(sql: string, parameters: readonly unknown[]): Outcome {
    const { statement, returnsRows } = this.#prepare(sql)
    const values = parameters
      .map(toParameter)
      .map((value) => (typeof value === 'boolean' ? Number(value) : value))
    if (returnsRows) {
      // node:sqlite gives objects without a prototype, PostgreSQL plain ones.
      const rows = statement.all(...values)
      return { rows: rows.map((row) => Object.assign({}, row)) }
    }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { rows: [], changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) }
  }

  close(): void {
    this.#statements.clear()
    this.database.close()
  }

  #prepare(sql: string) {
    const known = this.#statements.get(sql)
    this.#statements.delete(sql)
    const entry = known ?? this.#compile(sql)
    this.#statements.set(sql, entry)
    const [oldest] = this.#statements.keys()
    if (this.#statements.size > STATEMENTS_KEPT && oldest) this.#statements.delete(oldest)
    return entry
  }

  #compile(sql: string) {
    const statement = this.database.prepare(sql)
    return { statement, returnsRows: statement.columns().length > 0 }
  }
}
