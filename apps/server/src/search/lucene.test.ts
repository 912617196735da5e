import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Grammar, parseLucene, type Query, SearchSyntaxError } from './lucene.ts'
import { readSpan } from './times.ts'

const anyTerm: Grammar = { adjacent: 'any', maxTerms: 64 }
const allTerms: Grammar = { adjacent: 'all', maxTerms: 50 }

const is = (field: string | undefined, ...pieces: string[]): Query => ({
  kind: 'test',
  field,
  test: { kind: 'text', pieces },
})
const not = (part: Query): Query => ({ kind: 'not', part })
const all = (...parts: Query[]): Query => ({ kind: 'all', parts })
const any = (...parts: Query[]): Query => ({ kind: 'any', parts })
const [a, b, c] = [is(undefined, 'a'), is(undefined, 'b'), is(undefined, 'c')]

test('white space of any kind separates', () => {
  for (const space of [' ', '\t', '\n', '\r\n', '\v', '\u00a0', '\u2003', '\u3000']) {
    assert.deepEqual(parseLucene(`a${space}OR${space}b`, anyTerm), any(a, b), JSON.stringify(space))
    assert.deepEqual(parseLucene(`a${space}AND${space}NOT${space}b`, anyTerm), all(a, not(b)))
    assert.deepEqual(parseLucene(`${space}x:[1${space}TO${space}2]${space}`, anyTerm), {
      kind: 'test',
      field: 'x',
      test: {
        kind: 'range',
        from: { value: '1', inclusive: true },
        to: { value: '2', inclusive: true },
      },
    })
  }
})

test('terms side by side are alternatives or conditions, and a sign applies to its own term', () => {
  assert.deepEqual(parseLucene('a b', anyTerm), any(a, b))
  assert.deepEqual(parseLucene('a b', allTerms), all(a, b))
  assert.deepEqual(parseLucene('a -b', anyTerm), all(a, not(b)))
  assert.deepEqual(parseLucene('-a -b', anyTerm), all(not(a), not(b)))
  assert.deepEqual(parseLucene('+a b -c', anyTerm), all(a, not(c)))
  assert.deepEqual(parseLucene('a NOT b', anyTerm), all(a, not(b)))
  assert.deepEqual(parseLucene('a b OR c', allTerms), any(all(a, b), c))
  assert.deepEqual(parseLucene('a || b && c', anyTerm), any(a, all(b, c)))
})

test('an operator is written in capital letters, and can be escaped or quoted', () => {
  assert.deepEqual(parseLucene('a and b', anyTerm), any(a, is(undefined, 'and'), b))
  assert.deepEqual(parseLucene(String.raw`\AND`, anyTerm), is(undefined, 'AND'))
  assert.deepEqual(parseLucene('"NOT"', anyTerm), is(undefined, 'NOT'))
  assert.deepEqual(parseLucene('ORDER', anyTerm), is(undefined, 'ORDER'))
})

test('an escape takes the next character as it is, and quotes take everything', () => {
  assert.deepEqual(parseLucene(String.raw`x:a\*\ \"b*`, anyTerm), is('x', 'a* "b', ''))
  assert.deepEqual(parseLucene(String.raw`x:"a* (\"\\) OR"`, anyTerm), is('x', 'a* ("\\) OR'))
  assert.deepEqual(parseLucene('x:""', anyTerm), is('x', ''))
})

test('what looks like a query and is none is refused with a sentence that says where', () => {
  const refused: [string, RegExp][] = [
    [`name:"D'Arcy"*`, /a quoted text takes no wildcard/],
    ['"a"b', /white space is missing after a quoted text/],
    ['"a"~2', /white space is missing after a quoted text/],
    ['a"b"', /white space is missing before a quoted text/],
    ['"a', /a quotation mark is not closed/],
    [String.raw`"a\"`, /a quotation mark is not closed/],
    [String.raw`a\ `.trim(), /a backslash escapes nothing/],
    ['()', /a term is missing/],
    ['(a', /a parenthesis is not closed/],
    ['a)', /\) is unexpected/],
    ['a OR', /an operator stands where a term should/],
    ['a AND\t', /a term is missing/],
    ['x:[1 TO]', /a range needs TO/],
    ['x:[a* TO b]', /a wildcard cannot stand here/],
    ['x:[1 TO 2', /a range is not closed/],
    ['x:>', /a term is missing/],
    ['_exists_:', /a term is missing/],
    ['_exists_:a*', /a wildcard cannot stand here/],
    ['a?', /\? is not supported/],
    ['(('.repeat(20), /nested too deeply/],
    ['a '.repeat(65), /more than 64 terms/],
    ['a'.repeat(1_001), /a word is too long/],
  ]
  for (const [text, message] of refused)
    assert.throws(
      () => parseLucene(text, anyTerm),
      (error) =>
        error instanceof SearchSyntaxError &&
        message.test(error.message) &&
        /at character \d+$/.test(error.message),
      text,
    )
})

test('any text is a query or a SearchSyntaxError', { timeout: 60_000 }, () => {
  const piece = fc.constantFrom(
    ...'ab:*"\\()[]{}+-!&|<>=?~ \t\n\u00a0'.split(''),
    'AND ',
    'OR ',
    'NOT ',
    ' TO ',
    '_exists_:',
    '\ud800',
  )
  const text = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )
  const check = (given: string) => {
    for (const grammar of [anyTerm, allTerms])
      try {
        parseLucene(given, grammar)
      } catch (error) {
        assert.ok(error instanceof SearchSyntaxError, String(error))
      }
  }
  fc.assert(fc.property(text, check), { numRuns: 3_000 })
  // 50 kB of a repeated pattern: a parser that reads more than once would not end within the limit of this test.
  const long = fc
    .array(piece, { minLength: 1, maxLength: 5 })
    .map((pieces) => pieces.join('').repeat(50_000 / pieces.length))
  fc.assert(fc.property(long, check), { numRuns: 200 })
})

test('a time is a span in UTC, and a day that does not exist is none', () => {
  const day = Date.UTC(2026, 1, 28)
  assert.deepEqual(readSpan('2026-02-28'), { from: day, to: day + 86_400_000 })
  assert.deepEqual(readSpan('2026-02'), { from: Date.UTC(2026, 1, 1), to: Date.UTC(2026, 2, 1) })
  assert.deepEqual(readSpan('2026'), { from: Date.UTC(2026, 0, 1), to: Date.UTC(2027, 0, 1) })
  assert.deepEqual(readSpan('2026-02-28T01:00+01:00'), { from: day, to: day + 1 })
  for (const text of [
    '2026-02-30',
    '2026-02-30T10:00Z',
    '2026-13',
    '2026-00-01',
    '26-01-01',
    '2026-01-01T25:00',
    '',
  ])
    assert.equal(readSpan(text), undefined, text)
})
