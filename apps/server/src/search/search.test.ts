import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { foldText, nameKey } from '../store/canonical.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { listUsers } from '../users/lists.ts'
import { recordSignIn } from '../users/store.ts'
import { createUser } from '../users/users.ts'
import { type Grammar, parseLucene, type Query, SearchSyntaxError, type Test } from './lucene.ts'
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

/** What the SQL has to agree with, written without it. */
interface Person {
  id: string
  email: string
  name: string
  nickname: string
  username?: string
  given_name?: string
  logins: number
  blocked: boolean
  app: Record<string, unknown>
}

const words = ['Ada', 'ada b', 'Ärger', 'a%b', 'A_b', 'b*', 'Zoë [x]', 'Zoe\u0308', 'ß', 'Éa', '10']
const values: unknown[] = ['gold', 'Gold', 5, true, null, { x: 'gold' }, ['gold', 5], [['gold']], []]
const people: Person[] = words.flatMap((name, n) => [
  {
    id: `auth0|p${n}`,
    email: `${foldText(name).replaceAll(/[^\p{L}\d%_]/gu, '')}${n}@${n % 2 ? 'alpha' : 'bücher'}.test`,
    name,
    nickname: words[(n * 3) % words.length] ?? '',
    ...(n % 3 !== 0 && { username: `${name}${n}` }),
    ...(n % 2 !== 0 && { given_name: words[(n * 5) % words.length] ?? '' }),
    logins: n % 4,
    blocked: n % 5 === 0,
    app: n % 4 === 0 ? {} : { plan: values[n % values.length], n: { plan: values[(n + 4) % values.length] } },
  },
])

const texts: Record<string, { of(person: Person): string | undefined; folded: boolean }> = {
  email: { of: ({ email }) => email, folded: true },
  name: { of: ({ name }) => name, folded: true },
  nickname: { of: ({ nickname }) => nickname, folded: true },
  given_name: { of: (person) => person.given_name, folded: true },
  username: { of: ({ username }) => username, folded: false },
  user_id: { of: ({ id }) => id, folded: false },
}

function textMatches(text: string | undefined, given: Test, isFolded: boolean): boolean {
  if (text === undefined) return false
  if (given.kind === 'exists') return true
  const fold = (part: string) => (isFolded ? foldText(part) : part)
  const value = isFolded ? nameKey(text) : text
  if (given.kind === 'range') {
    const order = (bound: string) => Buffer.compare(Buffer.from(value), Buffer.from(fold(bound)))
    const { from, to } = given
    return (
      (!from || order(from.value) > (from.inclusive ? -1 : 0)) &&
      (!to || order(to.value) < (to.inclusive ? 1 : 0))
    )
  }
  const [start = '', ...rest] = given.pieces.map(fold)
  const last = rest.pop()
  if (last === undefined) return value === (isFolded ? nameKey(start) : start)
  if (!value.startsWith(start)) return false
  let at = start.length
  for (const piece of rest) {
    const found = value.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return value.endsWith(last) && value.length - last.length >= at
}

function numberMatches(value: number, given: Test): boolean {
  if (given.kind === 'exists') return true
  if (given.kind === 'text') return value === Number(given.pieces[0])
  const { from, to } = given
  return (
    (!from || value > Number(from.value) - (from.inclusive ? 1 : 0)) &&
    (!to || value < Number(to.value) + (to.inclusive ? 1 : 0))
  )
}

function jsonMatches(value: unknown, given: Test): boolean {
  if (value === undefined || value === null) return false
  if (given.kind !== 'text') return true
  const members: unknown[] = Array.isArray(value) ? value : [value]
  return members.some(
    (one) =>
      (typeof one === 'string' ? one : JSON.stringify(one)) === given.pieces[0] &&
      one !== null &&
      typeof one !== 'object',
  )
}

function matches(query: Query, person: Person): boolean {
  switch (query.kind) {
    case 'all':
      return query.parts.every((part) => matches(part, person))
    case 'any':
      return query.parts.some((part) => matches(part, person))
    case 'not':
      return !matches(query.part, person)
    default: {
      const { field, test: given } = query
      if (field === undefined) return bareMatches(given, person)
      if (field === 'logins_count') return numberMatches(person.logins, given)
      if (field === 'blocked')
        return (
          given.kind === 'exists' || String(person.blocked) === (given.kind === 'text' ? given.pieces[0] : '')
        )
      if (field.startsWith('app_metadata.')) {
        const place = field.split('.').slice(1)
        const value = place.reduce<unknown>(
          (found, part) =>
            typeof found === 'object' && found !== null && !Array.isArray(found)
              ? Object.entries(found).find(([name]) => name === part)?.[1]
              : undefined,
          person.app,
        )
        return jsonMatches(value, given)
      }
      const text = texts[field]
      assert.ok(text, field)
      return textMatches(text.of(person), given, text.folded)
    }
  }
}

function bareMatches(given: Test, person: Person): boolean {
  const fields = ['email', 'name', 'nickname', 'given_name']
  if (fields.some((field) => textMatches(texts[field]?.of(person), given, true))) return true
  if (given.kind !== 'text' || given.pieces.length > 1) return false
  return (
    ` ${nameKey(person.name)} `.includes(` ${nameKey(given.pieces.join(''))} `) &&
    nameKey(person.name).includes(' ')
  )
}

const escape = (text: string) => text.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, (sign) => `\\${sign}`)
const value = fc.oneof(
  fc.constantFrom(...words, ...people.flatMap(({ email, username }) => [email, username ?? ''])),
  fc.constantFrom(...people.map(({ username = '' }) => username.toLowerCase())),
  fc.constantFrom('a', 'A', 'ä', 'a\u0308', '%', '_', '[', 'z', 'gold'),
)
const exact = value.map((text) => (text.includes('"') ? escape(text) : `"${text}"`))
const wild = fc
  .tuple(value, fc.integer({ min: 0, max: 3 }), fc.constantFrom('prefix', 'suffix', 'middle'))
  .map(([text, cut, kind]) => {
    const letters = Array.from(text)
    const part = (kind === 'suffix' ? letters.slice(-3 - cut) : letters.slice(0, 3 + cut)).join('')
    if (kind === 'prefix') return `${escape(part)}*`
    if (kind === 'middle')
      return `${escape(letters.slice(0, 1).join(''))}*${escape(letters.slice(1).join(''))}`
    return foldText(part).length < 3 ? `a*${escape(part)}` : `*${escape(part)}`
  })
const range = fc
  .tuple(fc.constantFrom('[', '{'), exact, exact, fc.constantFrom(']', '}'))
  .map(([open, from, to, close]) => `${open}${from} TO ${to}${close}`)
const leaf = fc.oneof(
  fc
    .tuple(fc.constantFrom(...Object.keys(texts)), fc.oneof(exact, wild, range))
    .map(([field, tested]) => `${field}:${tested}`),
  fc.oneof(exact, wild),
  fc.constantFrom(...Object.keys(texts), 'app_metadata.plan', 'blocked').map((field) => `_exists_:${field}`),
  fc.constantFrom(
    'blocked:true',
    'blocked:false',
    'logins_count:2',
    'logins_count:[1 TO *]',
    'logins_count:{0 TO 3}',
    'logins_count:<2',
  ),
  fc
    .tuple(
      fc.constantFrom('plan', 'n.plan', 'n', 'plan.x', 'plan.0', 'none'),
      fc.constantFrom('gold', 'Gold', '5', 'true', 'null', '"{"'),
    )
    .map(([place, tested]) => `app_metadata.${place}:${tested}`),
)
const queries = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('query'), fc.constantFrom(' OR ', ' AND ', '\tAND\n', ' ', ' -', ' AND NOT '), tie('query'))
      .map(([left, operator, right]) => `${left}${operator}(${right})`),
    tie('query').map((query) => `NOT (${query})`),
    tie('query').map((query) => `(${query})`),
  ),
})).query

for (const kind of stores)
  describe(`a search on ${kind.name}`, { timeout: 180_000 }, () => {
    test('finds in the store whom a plain reading of the query finds', async (t) => {
      const store = await kind.open(t)
      const ctx = { store, clock: () => 1 }
      for (const { id, logins, app, given_name: givenName, ...person } of people) {
        await transaction(ctx, (tx) =>
          createUser(tx, {
            ...person,
            ...(givenName !== undefined && { givenName }),
            connection: 'people',
            userId: id,
            appMetadata: app,
          }),
        )
        for (let n = 0; n < logins; n++) await recordSignIn(store.db, id, '10.0.0.1', 1)
      }
      await fc.assert(
        fc.asyncProperty(queries, async (text) => {
          const query = parseLucene(text, anyTerm)
          assert.ok(query)
          const found = await listUsers(store.db, { search: query }).slice({ offset: 0, limit: 100 })
          assert.deepEqual(
            found.map(({ userId }) => userId).toSorted((one, other) => one.localeCompare(other)),
            people
              .filter((person) => matches(query, person))
              .map(({ id }) => id)
              .toSorted((one, other) => one.localeCompare(other)),
            text,
          )
        }),
        { numRuns: 400 },
      )
    })
  })
