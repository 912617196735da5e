import {
  type DatabaseConnection,
  type Driver,
  PostgresAdapter,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
} from 'kysely'
import type { TransactionScope } from '../transaction.ts'

/** Kysely's dialect, with the refusal to use the outer handle inside a transaction. */
export class ScopedPostgresDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig
  readonly #scope: TransactionScope

  constructor(config: PostgresDialectConfig, scope: TransactionScope) {
    super(config)
    this.#config = config
    this.#scope = scope
  }

  override createDriver(): Driver {
    return new ScopedDriver(this.#config, this.#scope)
  }

  override createAdapter(): PostgresAdapter {
    return new RowLockingAdapter()
  }
}

class ScopedDriver extends PostgresDriver {
  readonly #scope: TransactionScope

  constructor(config: PostgresDialectConfig, scope: TransactionScope) {
    super(config)
    this.#scope = scope
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#scope.assertOutside()
    return super.acquireConnection()
  }
}

/** Kysely takes an advisory lock to migrate, which CockroachDB and YugabyteDB lack; `migrate` locks a row instead. */
export class RowLockingAdapter extends PostgresAdapter {
  /** See `ensureTextIndexes`. */
  hasTextIndex = false

  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
