/**
 * A query in the subset of Lucene's syntax that Auth0's searches accept, as a tree. The parser reads the text once and
 * uses no pattern that could backtrack. Limits on terms and depth bound the tree, and the statement made from it.
 */
export type Query =
  | { kind: 'all' | 'any'; parts: Query[] }
  | { kind: 'not'; part: Query }
  | { kind: 'test'; field: string | undefined; test: Test }

export type Test =
  /** `pieces` are the texts between the wildcards. */
  | { kind: 'text'; pieces: string[] }
  | { kind: 'range'; from: Bound | undefined; to: Bound | undefined }
  | { kind: 'exists' }

export interface Bound {
  value: string
  inclusive: boolean
}

export interface Grammar {
  /** How many of the adjacent terms, without an operator between them, must match. */
  adjacent: 'any' | 'all'
  maxTerms: number
}

/** The text is not a valid query. The message has the position and the reason. */
export class SearchSyntaxError extends Error {
  override name = 'SearchSyntaxError'
}

const maxDepth = 16
const maxWordLength = 1_000
const operators: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', '&&', '||', '!', '+', '-'])
const isSpace = (character: string) => /^\s$/.test(character)

/** @returns undefined for a blank text @throws SearchSyntaxError */
export function parseLucene(text: string, grammar: Grammar): Query | undefined {
  return new Parser(text, grammar).parse()
}

/** One of the adjacent terms. `+` makes it required. */
interface Clause {
  query: Query
  required: boolean
}

class Parser {
  readonly #text: string
  readonly #grammar: Grammar
  #at = 0
  #terms = 0
  #depth = 0

  constructor(text: string, grammar: Grammar) {
    this.#text = text
    this.#grammar = grammar
  }

  parse(): Query | undefined {
    this.#skipSpace()
    if (this.#atEnd()) return undefined
    const query = this.#any(undefined)
    if (!this.#atEnd()) this.#fail(`${this.#next()} is unexpected`)
    return query
  }

  /** `a OR b`. */
  #any(field: string | undefined): Query {
    const parts = [this.#adjacent(field)]
    while (this.#takeOperator('OR', '||')) parts.push(this.#adjacent(field))
    return joined('any', parts)
  }

  /** `a b`: binds closer than OR. */
  #adjacent(field: string | undefined): Query {
    const clauses = [this.#all(field)]
    for (;;) {
      this.#skipSpace()
      if (this.#atEnd() || this.#next() === ')' || this.#seesOperator('OR', '||')) break
      clauses.push(this.#all(field))
    }
    const [only] = clauses
    if (only && clauses.length === 1) return only.query
    return this.#grammar.adjacent === 'all'
      ? joined(
          'all',
          clauses.map(({ query }) => query),
        )
      : anyOf(clauses)
  }

  #all(field: string | undefined): Clause {
    const first = this.#one(field)
    const parts = [first.query]
    while (this.#takeOperator('AND', '&&')) parts.push(this.#one(field).query)
    return { query: joined('all', parts), required: first.required && parts.length === 1 }
  }

  #one(field: string | undefined): Clause {
    if (++this.#depth > maxDepth) this.#fail('nested too deeply')
    const clause = this.#signed(field)
    this.#depth--
    return clause
  }

  #signed(field: string | undefined): Clause {
    this.#skipSpace()
    if (this.#takeOperator('NOT', '-', '!'))
      return { query: { kind: 'not', part: this.#one(field).query }, required: false }
    const required = this.#take('+')
    return { query: this.#take('(') ? this.#group(field) : this.#term(field), required }
  }

  #group(field: string | undefined): Query {
    const query = this.#any(field)
    if (!this.#take(')')) this.#fail('a parenthesis is not closed')
    return query
  }

  #term(field: string | undefined): Query {
    if (++this.#terms > this.#grammar.maxTerms) this.#fail(`more than ${this.#grammar.maxTerms} terms`)
    if (field !== undefined || this.#next() === '"') return this.#test(field)
    const pieces = this.#word(':')
    if (!this.#take(':')) return { kind: 'test', field: undefined, test: { kind: 'text', pieces } }
    this.#skipSpace()
    const name = pieces.join('*')
    if (name === '_exists_') return { kind: 'test', field: this.#value(), test: { kind: 'exists' } }
    return this.#take('(') ? this.#group(name) : this.#test(name)
  }

  #test(field: string | undefined): Query {
    const next = this.#next()
    if (next === '"') return { kind: 'test', field, test: { kind: 'text', pieces: [this.#quoted()] } }
    if (next === '[' || next === '{') return { kind: 'test', field, test: this.#range() }
    if (next === '>' || next === '<') return { kind: 'test', field, test: this.#comparison() }
    return { kind: 'test', field, test: { kind: 'text', pieces: this.#word('') } }
  }

  #range(): Test {
    const fromInclusive = this.#text[this.#at++] === '['
    const from = this.#bound()
    if (!this.#takeOperator('TO')) this.#fail('a range needs TO')
    const to = this.#bound()
    this.#skipSpace()
    const end = this.#next()
    if (end !== ']' && end !== '}') this.#fail('a range is not closed')
    this.#at++
    return {
      kind: 'range',
      from: from === undefined ? undefined : { value: from, inclusive: fromInclusive },
      to: to === undefined ? undefined : { value: to, inclusive: end === ']' },
    }
  }

  #comparison(): Test {
    const above = this.#text[this.#at++] === '>'
    const inclusive = this.#take('=')
    this.#skipSpace()
    const bound = { value: this.#value(), inclusive }
    return { kind: 'range', from: above ? bound : undefined, to: above ? undefined : bound }
  }

  /** A lone `*` leaves the range open. */
  #bound(): string | undefined {
    this.#skipSpace()
    if (this.#next() === '"') return this.#quoted()
    const pieces = this.#word('')
    if (pieces.length === 2 && pieces.join('') === '') return undefined
    return this.#onlyPiece(pieces)
  }

  #value(): string {
    return this.#next() === '"' ? this.#quoted() : this.#onlyPiece(this.#word(''))
  }

  #onlyPiece([piece = '', ...others]: string[]): string {
    if (others.length > 0) this.#fail('a wildcard cannot stand here')
    return piece
  }

  #quoted(): string {
    let value = ''
    for (this.#at++; !this.#atEnd(); this.#at++) {
      const character = this.#next()
      if (character === '"') {
        this.#at++
        this.#endQuoted()
        return value
      }
      if (character === '\\') this.#at++
      value += this.#next()
      if (value.length > maxWordLength) this.#fail('a text is too long')
    }
    return this.#fail('a quotation mark is not closed')
  }

  /** Otherwise the `*` of `"ab"*` would be a separate term, which matches everything. */
  #endQuoted(): void {
    const next = this.#next()
    if (next === '*')
      this.#fail(
        String.raw`a quoted text takes no wildcard, so write ab\ cd* instead of "ab cd"*; the fault is`,
      )
    if (next !== '' && !isSpace(next) && !')]}'.includes(next))
      this.#fail('white space is missing after a quoted text')
  }

  /** Reads up to white space, a bracket or one of `stops`. A backslash escapes the next character. */
  #word(stops: string): string[] {
    const pieces = ['']
    const start = this.#at
    for (; !this.#atEnd(); this.#at++) {
      const character = this.#next()
      if (isSpace(character) || '()[]{}"'.includes(character) || stops.includes(character)) break
      if (this.#at - start >= maxWordLength) this.#fail('a word is too long')
      if (character === '*') {
        pieces.push('')
        continue
      }
      if (character === '?' || character === '~') this.#fail(`${character} is not supported`)
      if (character === '\\' && ++this.#at === this.#text.length) this.#fail('a backslash escapes nothing')
      pieces[pieces.length - 1] += this.#next()
    }
    this.#endWord(this.#text.slice(start, this.#at))
    return pieces
  }

  #endWord(word: string): void {
    if (word === '') this.#fail('a term is missing')
    if (operators.has(word)) this.#fail('an operator stands where a term should')
    if (this.#next() === '"') this.#fail('white space is missing before a quoted text')
  }

  /** An operator is a word in capital letters before white space or a parenthesis, or one of the signs. */
  #seesOperator(word: string, ...signs: string[]): string | undefined {
    this.#skipSpace()
    const after = this.#text.charAt(this.#at + word.length)
    if (this.#text.startsWith(word, this.#at) && (isSpace(after) || after === '(')) return word
    return signs.find((sign) => this.#text.startsWith(sign, this.#at))
  }

  #takeOperator(word: string, ...signs: string[]): boolean {
    const operator = this.#seesOperator(word, ...signs)
    this.#at += operator?.length ?? 0
    return operator !== undefined
  }

  #take(sign: string): boolean {
    if (this.#next() !== sign) return false
    this.#at++
    return true
  }

  /** The next character, empty at the end. */
  #next(): string {
    return this.#text.charAt(this.#at)
  }

  #atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  #skipSpace(): void {
    while (isSpace(this.#next())) this.#at++
  }

  #fail(why: string): never {
    throw new SearchSyntaxError(`${why} at character ${this.#at + 1}`)
  }
}

/** Lucene's rule: all required terms, none of the negated ones, and one of the others unless a term is required. */
function anyOf(clauses: Clause[]): Query {
  const required = clauses.filter((clause) => clause.required).map(({ query }) => query)
  const negated = clauses.map(({ query }) => query).filter(({ kind }) => kind === 'not')
  const others = clauses
    .filter((clause) => !clause.required && clause.query.kind !== 'not')
    .map(({ query }) => query)
  const optional = required.length === 0 && others.length > 0 ? [joined('any', others)] : []
  return joined('all', [...required, ...optional, ...negated])
}

function joined(kind: 'any' | 'all', parts: Query[]): Query {
  const [only, ...others] = parts
  return only && others.length === 0 ? only : { kind, parts }
}
