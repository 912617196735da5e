/**
 * How values cross the border between rows and the domain, the same for both databases:
 * JSON is text (or jsonb) in the database, booleans are 0/1 (or booleans), times are epoch milliseconds.
 */

type Bindable = string | number | bigint | boolean | Date | Uint8Array | null | undefined

/** Serialises for a `Json` column. Throws a TypeError for what JSON cannot say, such as `undefined`. */
export function toJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`JSON cannot hold ${typeof value}`)
  return text
}

/** Reads a `Json` column; SQL NULL reads as null. The caller names the shape it wrote. */
export function fromJson<T>(stored: unknown): T {
  return stored === null ? (null as T) : (JSON.parse(String(stored)) as T)
}

/** Writes a `Flag` column. Both databases take a boolean parameter; this keeps anything else out. */
export function toBool(value: boolean): boolean {
  return value
}

/** Reads a `Flag` column; NULL reads as false. */
export function fromBool(stored: unknown): boolean {
  return stored === true || stored === 1
}

/**
 * What a statement may bind: a Date becomes epoch milliseconds, undefined becomes NULL. Objects are refused because
 * the drivers disagree about them (node:sqlite takes a first object for named parameters and binds NULL in silence).
 */
export function toParameter(value: unknown): Exclude<Bindable, Date | undefined> {
  if (value === undefined || value === null) return null
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'object' && !(value instanceof Uint8Array)) {
    throw new TypeError('Only plain values can be bound to a statement; JSON goes through toJson')
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} cannot be stored`)
  return value as Exclude<Bindable, Date | undefined>
}

/** A row with this primary key or unique value is there already: SQLSTATE 23505, SQLITE_CONSTRAINT_UNIQUE or _PRIMARYKEY. */
export function isUniqueViolation(error: unknown): boolean {
  return hasCode(error, '23505', [2067, 1555])
}

/** A row refers to one that does not exist: SQLSTATE 23503, SQLITE_CONSTRAINT_FOREIGNKEY. */
export function isForeignKeyViolation(error: unknown): boolean {
  return hasCode(error, '23503', [787])
}

function hasCode(error: unknown, sqlState: string, sqliteCodes: number[]): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return error instanceof Error && (code === sqlState || sqliteCodes.includes(errcode as number))
}
