import type { Source } from './sources.ts'

/** Words of a literary tone; each has a plain equivalent in technical English. */
const literary = [
  'nobody',
  'whoever',
  'anew',
  'let go',
  'lets go',
  'mend',
  'mends',
  'mended',
  'lure',
  'beside',
  'amid',
  'lest',
  'whom',
  'upon',
  'last word',
  'tell of',
  'tells of',
  'by itself',
  'stands still',
  'hold on to',
  'holds on to',
  'of its own',
]
const pattern = new RegExp(`\\b(${literary.join('|')})\\b`, 'gi')

export interface LiteraryWords {
  per1000: number
  /** `path: word`, one for each place. */
  places: string[]
}

/** Counts the literary words of all comments, per 1,000 words of comment. */
export function literaryWords(sources: Source[]): LiteraryWords {
  let words = 0
  const places: string[] = []
  for (const { path, comments } of sources)
    for (const { value } of comments) {
      const text = value.replaceAll(/\n\s*\*/g, ' ').replaceAll(/\s+/g, ' ')
      words += text.match(/[A-Za-z][\w’'-]*/g)?.length ?? 0
      for (const [word] of text.matchAll(pattern)) places.push(`${path}: ${word}`)
    }
  return { per1000: words === 0 ? 0 : (places.length / words) * 1000, places }
}
