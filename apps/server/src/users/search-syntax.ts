/**
 * The subset of Lucene's query syntax that Auth0's user search takes, as a tree. Hand-written: one pass over the text,
 * no pattern matching that could run long, and bounds on clauses and depth, so the tree and the statement made of it
 * stay small whatever is sent.
 */
export type Query =
  | { kind: 'all' | 'any'; parts: Query[] }
  | { kind: 'not'; part: Query }
  | { kind: 'test'; field: string | undefined; test: Test }

export type Test =
  /** `quoted`: to be taken as it stands. `pieces` are the texts between the wildcards. */
  | { kind: 'text'; pieces: string[]; quoted: boolean }
  | { kind: 'range'; from: Bound | undefined; to: Bound | undefined }
  | { kind: 'exists' }

export interface Bound {
  value: string
  inclusive: boolean
}

/** The text is not a query; the message says where and why. */
export class SearchSyntaxError extends Error {}

const mostClauses = 64
const deepest = 16
const longestWord = 1_000
const operators: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', '&&', '||', '!', '+', '-'])

/** @throws SearchSyntaxError */
export function parseQuery(text: string): Query | undefined {
  const parser = new Parser(text)
  return parser.parse()
}

class Parser {
  readonly #text: string
  #at = 0
  #clauses = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): Query | undefined {
    this.#skipSpace()
    if (this.#at === this.#text.length) return undefined
    const query = this.#any(undefined)
    if (this.#at < this.#text.length) this.#fail(`unexpected ${this.#text[this.#at]}`)
    return query
  }

  /** `a OR b`; two terms side by side are an OR too, as in Lucene. */
  #any(field: string | undefined): Query {
    const parts = [this.#all(field)]
    for (;;) {
      this.#skipSpace()
      if (this.#at === this.#text.length || this.#text[this.#at] === ')') break
      if (!this.#takeWord('OR')) this.#take('||')
      parts.push(this.#all(field))
    }
    return joined('any', parts)
  }

  #all(field: string | undefined): Query {
    const parts = [this.#one(field)]
    while (this.#takeWord('AND') || this.#take('&&')) parts.push(this.#one(field))
    return joined('all', parts)
  }

  #one(field: string | undefined): Query {
    if (++this.#depth > deepest) this.#fail('nested too deeply')
    const query = this.#negatable(field)
    this.#depth--
    return query
  }

  #negatable(field: string | undefined): Query {
    this.#skipSpace()
    if (this.#takeWord('NOT') || this.#take('-') || this.#take('!'))
      return { kind: 'not', part: this.#one(field) }
    this.#take('+')
    return this.#take('(') ? this.#group(field) : this.#term(field)
  }

  #group(field: string | undefined): Query {
    const query = this.#any(field)
    if (!this.#take(')')) this.#fail('a parenthesis is not closed')
    return query
  }

  #term(field: string | undefined): Query {
    if (++this.#clauses > mostClauses) this.#fail(`more than ${mostClauses} terms`)
    if (field !== undefined || this.#text[this.#at] === '"') return this.#test(field)
    const word = this.#word(':')
    if (!this.#take(':')) return { kind: 'test', field: undefined, test: textTest(word) }
    this.#skipSpace()
    const name = word.pieces.join('*')
    if (name === '_exists_')
      return { kind: 'test', field: this.#word('').pieces.join('*'), test: { kind: 'exists' } }
    if (this.#take('(')) return this.#group(name)
    return this.#test(name)
  }

  #test(field: string | undefined): Query {
    const next = this.#text[this.#at]
    if (next === '"')
      return { kind: 'test', field, test: { kind: 'text', pieces: [this.#quoted()], quoted: true } }
    if (next === '[' || next === '{') return { kind: 'test', field, test: this.#range() }
    if (next === '>' || next === '<') return { kind: 'test', field, test: this.#comparison() }
    return { kind: 'test', field, test: textTest(this.#word('')) }
  }

  #range(): Test {
    const fromInclusive = this.#text[this.#at++] === '['
    const from = this.#bound()
    if (!this.#takeWord('TO')) this.#fail('a range needs TO')
    const to = this.#bound()
    this.#skipSpace()
    const end = this.#text[this.#at++]
    if (end !== ']' && end !== '}') this.#fail('a range is not closed')
    return {
      kind: 'range',
      from: from === undefined ? undefined : { value: from, inclusive: fromInclusive },
      to: to === undefined ? undefined : { value: to, inclusive: end === ']' },
    }
  }

  #comparison(): Test {
    const above = this.#text[this.#at++] === '>'
    const inclusive = this.#take('=')
    const bound = { value: this.#value(), inclusive }
    return { kind: 'range', from: above ? bound : undefined, to: above ? undefined : bound }
  }

  /** A lone `*` leaves the range open. */
  #bound(): string | undefined {
    this.#skipSpace()
    if (this.#take('*')) return undefined
    return this.#value()
  }

  #value(): string {
    return this.#text[this.#at] === '"' ? this.#quoted() : this.#word('').pieces.join('*')
  }

  #quoted(): string {
    let value = ''
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]
      if (character === '"') {
        this.#at++
        return value
      }
      value += character === '\\' ? (this.#text[++this.#at] ?? '') : character
      if (value.length > longestWord) this.#fail('a text is too long')
    }
    return this.#fail('a quotation mark is not closed')
  }

  /** Up to a space, a bracket or one of `stops`; a backslash takes the next character as it is. */
  #word(stops: string): { pieces: string[] } {
    const pieces = ['']
    const start = this.#at
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text.charAt(this.#at)
      if (' \t\r\n()[]{}"'.includes(character) || stops.includes(character)) break
      if (this.#at - start > longestWord) this.#fail('a word is too long')
      if (character === '*') pieces.push('')
      else if (character === '?' || character === '~') this.#fail(`${character} is not supported`)
      else pieces[pieces.length - 1] += character === '\\' ? (this.#text[++this.#at] ?? '') : character
    }
    if (this.#at === start) this.#fail('a term is missing')
    if (operators.has(this.#text.slice(start, this.#at))) this.#fail('an operator stands where a term should')
    return { pieces }
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }

  /** An operator: capital letters, followed by a space or a parenthesis. */
  #takeWord(word: string): boolean {
    this.#skipSpace()
    const next = this.#text[this.#at + word.length]
    if (!this.#text.startsWith(word, this.#at) || (next !== ' ' && next !== '(')) return false
    this.#at += word.length
    return true
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '.')) this.#at++
  }

  #fail(why: string): never {
    throw new SearchSyntaxError(`${why} at character ${this.#at + 1}`)
  }
}

function joined(kind: 'any' | 'all', parts: Query[]): Query {
  const [only, ...others] = parts
  return only && others.length === 0 ? only : { kind, parts }
}

const textTest = ({ pieces }: { pieces: string[] }): Test => ({ kind: 'text', pieces, quoted: false })
