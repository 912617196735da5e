/** A shorter name is not split: two lines have room for it. */
const maxWhole = 24
const maxEnd = 16
const minEnd = 6

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Splits a long name into its start, which may be cut off, and its end, which is shown: the last words that fit, or the
 * last characters of a long word.
 */
export function splitEnd(name: string): [start: string, end: string] {
  const parts = Array.from(graphemes.segment(name), ({ segment }) => segment)
  if (parts.length <= maxWhole) return [name, '']
  const last = parts.slice(-maxEnd)
  const boundary = last.findIndex((part, at) => at <= maxEnd - minEnd && /[\s:/._-]/.test(part))
  const length = boundary < 0 ? maxEnd : maxEnd - boundary - 1
  return [parts.slice(0, -length).join(''), parts.slice(-length).join('')]
}
