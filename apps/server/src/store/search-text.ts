import { nameKey } from './canonical.ts'

/** Chinese, Japanese and Korean, where two characters are a word. */
const eastAsian = /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}]$/u

/** Precedes each field. Canonical text has no line break. */
export const fieldStart = '\n\n'
/** Precedes each pair of East Asian characters. */
export const pairStart = '\t'

export const isEastAsian = (character: string): boolean => eastAsian.test(character)

/**
 * The text of an object that is searched, for an index of three consecutive characters each. `fieldStart` and the
 * first character of a field are three characters, and so are `pairStart` and two East Asian ones: one index answers
 * searches for parts, for beginnings of one or two characters, and for East Asian words of two.
 */
export function searchText(...fields: (string | null | undefined)[]): string {
  const texts: string[] = []
  for (const field of fields) {
    const text = nameKey(field ?? '')
    if (text !== '' && !texts.some((earlier) => earlier.startsWith(text))) texts.push(text)
  }
  const pairs = new Set(texts.flatMap(eastAsianPairs))
  return [...texts.map((text) => fieldStart + text), ...[...pairs].map((pair) => pairStart + pair)].join('')
}

function eastAsianPairs(text: string): string[] {
  const characters = Array.from(text)
  return characters.flatMap((character, at) => {
    const next = characters[at + 1]
    return next !== undefined && isEastAsian(character) && isEastAsian(next) ? [character + next] : []
  })
}
