import { type ExpressionWrapper, type RawBuilder, type SqlBool, sql } from 'kysely'

type Column = ExpressionWrapper<never, never, unknown> | RawBuilder<unknown>

/** A LIKE pattern in which `text` stands for itself. */
export function literal(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`)
}

/** Compares a normalised column with a pattern whose literal parts went through `literal`. */
export function matches(column: Column, pattern: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`${column} like ${pattern} escape '\\'`
}

/**
 * The texts that begin with `prefix` are those from it up to, and without, this one, in the byte order of the id
 * columns: a range is answered from the index where LIKE with a parameter is not. Undefined when there is no end.
 */
export function endOfPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix).map((character) => character.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop())
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  return undefined
}
