/** Rows of one statement: with ten columns still below the number of parameters either database takes. */
const rowsAtOnce = 1_000

/** Cuts a long list into parts that fit one statement each. */
export function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let start = 0; start < items.length; start += rowsAtOnce) yield items.slice(start, start + rowsAtOnce)
}
