import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { foldText, nameKey } from '../store/canonical.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { listUsers } from '../users/lists.ts'
import { recordSignIn } from '../users/store.ts'
import { createUser } from '../users/users.ts'
import { type Grammar, parseLucene, type Query, type Test } from './lucene.ts'

const anyTerm: Grammar = { adjacent: 'any', maxTerms: 64 }

/** A user in the model that the SQL is compared with. */
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
    test('finds in the store the users that a model of the query finds', async (t) => {
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
