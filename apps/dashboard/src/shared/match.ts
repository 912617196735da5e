const fold = (text: string) => text.normalize('NFC').toLowerCase()

/** Whether a list entry matches what was typed above the list, in any case and Unicode form. */
export const includesText = (text: string, typed: string): boolean => fold(text).includes(fold(typed))

/** The one of `others` that differs from `value` in its case only. */
export function sameButForCase(value: string, others: readonly string[]): string | undefined {
  const folded = value.toLowerCase()
  return others.find((other) => other !== value && other.toLowerCase() === folded)
}
