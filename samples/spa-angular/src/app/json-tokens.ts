export interface JsonToken {
  text: string
  /** Absent for white space and punctuation. */
  kind?: 'key' | 'string' | 'literal'
}

const token =
  /(?<key>"(?:\\.|[^"\\])*")(?=:)|(?<string>"(?:\\.|[^"\\])*")|(?<literal>-?\d[\d.eE+-]*|true|false|null)/g

/** Splits a JSON text into tokens by kind. The joined texts are the original. */
export function jsonTokens(json: string): JsonToken[] {
  const tokens: JsonToken[] = []
  let end = 0
  for (const match of json.matchAll(token)) {
    const { key, string } = match.groups ?? {}
    if (match.index > end) tokens.push({ text: json.slice(end, match.index) })
    const kind = key !== undefined ? 'key' : string !== undefined ? 'string' : 'literal'
    tokens.push({ text: match[0], kind })
    end = match.index + match[0].length
  }
  return [...tokens, { text: json.slice(end) }]
}
