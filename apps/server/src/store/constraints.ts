import { codeOf } from './values.ts'

/**
 * Turns the violation of a constraint into the error that the caller of the API gets. The failed statement ends the
 * transaction, so the error has to end it too.
 */
export async function mapConstraintError<T>(
  statements: Promise<T>,
  to: { unique?: (cause: unknown) => Error; foreignKey?: () => Error },
): Promise<T> {
  try {
    return await statements
  } catch (cause) {
    if (to.unique && isUniqueViolation(cause)) throw to.unique(cause)
    if (to.foreignKey && isForeignKeyViolation(cause)) throw to.foreignKey()
    throw cause
  }
}

/**
 * A row with this primary key or unique value, in an index with this column, is there already: SQLSTATE 23505,
 * SQLITE_CONSTRAINT_UNIQUE or _PRIMARYKEY.
 */
export function isUniqueViolation(error: unknown, column?: string): boolean {
  const code = codeOf(error)
  if (code !== '23505' && code !== 2067 && code !== 1555) return false
  if (column === undefined) return true
  // SQLite names the columns in the message, PostgreSQL in the detail.
  const detail = error instanceof Error && 'detail' in error ? error.detail : undefined
  return `${String(error)} ${String(detail)}`.split(/[^\w]/).includes(column)
}

/** A row refers to one that does not exist: SQLSTATE 23503, SQLITE_CONSTRAINT_FOREIGNKEY. */
export function isForeignKeyViolation(error: unknown): boolean {
  const code = codeOf(error)
  return code === '23503' || code === 787
}
