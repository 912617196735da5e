/** In the order of their names, for readers: `a`, `B`, `role 2`, `role 10`. */
export const byName = <Item>(nameOf: (item: Item) => string) => {
  const { compare } = new Intl.Collator('en', { numeric: true })
  return (one: Item, other: Item): number => compare(nameOf(one), nameOf(other))
}

const fold = (text: string) => text.normalize('NFC').toLowerCase()

/** Whether a list entry matches what was typed above the list, in any case and Unicode form. */
export const includesText = (text: string, typed: string): boolean => fold(text).includes(fold(typed))

/** The one of `others` that differs from `value` in its case only. */
export function sameButForCase(value: string, others: readonly string[]): string | undefined {
  const folded = value.toLowerCase()
  return others.find((other) => other !== value && other.toLowerCase() === folded)
}
