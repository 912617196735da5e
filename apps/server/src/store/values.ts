/**
 * Converts values between rows and the domain, for both databases:
 * JSON is text (or jsonb) in the database, booleans are 0/1 (or booleans), times are epoch milliseconds.
 */

type Bound = string | number | bigint | boolean | Uint8Array | null

/** Serializes a value for a `Json` column. Throws a TypeError for a value without JSON, such as `undefined`. */
export function toJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`JSON cannot hold ${typeof value}`)
  return text
}

/** Reads a `Json` column. SQL NULL becomes null. The caller names the type that it wrote. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- rows are this server's own, parsed before they were written.
export function fromJson<T>(stored: unknown): T {
  const value: T = JSON.parse(typeof stored === 'string' ? stored : 'null')
  return value
}

/**
 * Applies the members of a body that have no column to those that are stored as JSON: null removes one. `own` names the
 * members that have a column.
 */
export function mergeExtra(
  before: Record<string, unknown>,
  input: object,
  own: ReadonlySet<string>,
): Record<string, unknown> {
  const extra: Record<string, unknown> = { ...before }
  for (const [member, value] of Object.entries(input)) {
    if (own.has(member) || value === undefined) continue
    if (value === null) delete extra[member]
    else extra[member] = value
  }
  return extra
}

/** Writes a `Flag` column. Both databases accept a boolean parameter; the type excludes other values. */
export function toBool(value: boolean): boolean {
  return value
}

/** Reads a `Flag` column. NULL becomes false. */
export function fromBool(stored: unknown): boolean {
  return stored === true || stored === 1
}

/**
 * Converts a value to a parameter of a statement. A Date becomes epoch milliseconds, undefined becomes NULL. Objects are
 * refused because the drivers differ (node:sqlite reads a first object as named parameters and binds NULL).
 */
export function toParameter(value: unknown): Bound {
  if (value === undefined || value === null) return null
  if (value instanceof Date) return value.getTime()
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TypeError('Only plain values can be bound to a statement; JSON goes through toJson')
}

/** PostgreSQL's SQLSTATE (text), SQLite's extended result code (number) or Node's own code such as `EACCES`. */
export function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined
  if ('errcode' in error) return error.errcode
  return 'code' in error ? error.code : undefined
}
