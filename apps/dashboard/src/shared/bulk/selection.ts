/** What is selected in a list: the name of each row, by its key. */
export type Picked = ReadonlyMap<string, string>

/** No more can be selected at once. The server pages a search no further either. */
export const maxPicked = 1_000

/** @returns the selection with or without these rows; beyond the limit, further rows are left out */
export function withRows(picked: Picked, rows: Picked, isPicked: boolean): Picked {
  const changed = new Map(picked)
  for (const [key, name] of rows)
    if (!isPicked) changed.delete(key)
    else if (changed.size < maxPicked) changed.set(key, name)
  return changed
}

/** Whether all, some or none of these rows are selected. */
export function stateOf(picked: Picked, keys: readonly string[]): 'all' | 'some' | 'none' {
  const count = keys.filter((key) => picked.has(key)).length
  if (count === 0) return 'none'
  return count === keys.length ? 'all' : 'some'
}
