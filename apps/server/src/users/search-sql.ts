import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { domainKey, emailKey, foldText, nameKey } from '../store/canonical.ts'
import { endOfPrefix, literal, matches } from '../store/like.ts'
import type { Database } from '../store/schema.ts'
import { toBool } from '../store/values.ts'
import {
  bareTermColumns,
  bytewise,
  type Fold,
  type SearchField,
  searchField,
  type TextColumn,
} from './search-fields.ts'
import { type MetadataPath, metadataExists, metadataHolds } from './search-metadata.ts'
import { type Bound, type Query, SearchSyntaxError, type Test } from './search-syntax.ts'
import { readSpan } from './search-times.ts'

type Users = ExpressionBuilder<Database, 'users'>
type Condition = Expression<SqlBool>

/** Each costs time in the length of the text it is matched with; Auth0's rule for leading ones is kept as well. */
const mostWildcards = 3
const shortestAfterWildcard = 3

/**
 * Turns a query into a condition on the users' table; every value is bound, none becomes part of the statement.
 * @throws SearchSyntaxError for a field that does not exist, or a test that does not fit it
 */
export function toCondition(eb: Users, query: Query, postgres: boolean): Condition {
  switch (query.kind) {
    case 'all':
      return eb.and(query.parts.map((part) => toCondition(eb, part, postgres)))
    case 'any':
      return eb.or(query.parts.map((part) => toCondition(eb, part, postgres)))
    case 'not':
      // NULL is no match, so its negation is one.
      return eb.not(eb.fn.coalesce(toCondition(eb, query.part, postgres), sql<SqlBool>`false`))
    default:
      if (query.field === undefined) return bareTerm(eb, query.test)
      return fieldTest(eb, query.field, query.test, postgres)
  }
}

function fieldTest(eb: Users, name: string, test: Test, postgres: boolean): Condition {
  const field = searchField(name)
  if (!field) throw new SearchSyntaxError(`the field ${name} cannot be searched`)
  switch (field.kind) {
    case 'text':
      return textTest(eb, field.column, folded(test, field.fold))
    case 'flag':
      if (test.kind === 'exists') return sql<SqlBool>`true`
      return eb(field.column, '=', toBool(readFlag(name, test)))
    case 'number':
      return rangeTest(eb, field.column, test, (text) => readNumber(name, text))
    case 'time':
      return rangeTest(eb, field.column, test, (text) => readTime(name, text))
    case 'domain':
      return matches(eb.ref('email_key'), `%@${patternOf(wordOf(name, folded(test, 'domain')))}`)
    case 'localId':
      return textTest(eb, 'user_id', withPrefix(wordOf(name, test)))
    case 'constant':
      return sql<SqlBool>`${wordOf(name, test).pieces.join('*') === field.value}`
    default:
      return metadataTest(name, field, test, postgres)
  }
}

function metadataTest(name: string, field: MetadataPath, test: Test, postgres: boolean): Condition {
  if (test.kind === 'exists') return metadataExists(field, postgres)
  const { pieces } = wordOf(name, test)
  if (pieces.length > 1) throw new SearchSyntaxError(`${name} takes no wildcards`)
  return metadataHolds(field, pieces.join(''), postgres)
}

/** A whole value, or one of its words. */
function bareTerm(eb: Users, test: Test): Condition {
  const word = wordOf('a term without a field', folded(test, 'name'))
  const exact = bareTermColumns.map((column) =>
    textTest(eb, column, column === 'email_key' ? folded(test, 'email') : word),
  )
  if (word.pieces.length > 1) return eb.or(exact)
  const inName = (pattern: string) => matches(eb.ref('name_key'), pattern)
  const text = literal(word.pieces.join(''))
  return eb.or([...exact, inName(`${text} %`), inName(`% ${text}`), inName(`% ${text} %`)])
}

function textTest(eb: Users, column: TextColumn, test: Test): Condition {
  if (test.kind === 'exists') return eb(column, 'is not', null)
  if (test.kind === 'range') return bounds(eb, column, test.from, test.to)
  const [start = '', ...rest] = test.pieces
  if (rest.length === 0) return eb(column, '=', start)
  if (rest.length === 1 && rest[0] === '') return prefixTest(eb, column, start)
  if (rest.length > mostWildcards)
    throw new SearchSyntaxError(`more than ${mostWildcards} wildcards in a term`)
  if (start === '' && Math.max(...rest.map((piece) => piece.length)) < shortestAfterWildcard)
    throw new SearchSyntaxError(`a leading * needs ${shortestAfterWildcard} characters after it`)
  return matches(eb.ref(column), patternOf(test))
}

/** As a range, which an index answers, where the column compares as ranges need it. */
function prefixTest(eb: Users, column: TextColumn, prefix: string): Condition {
  if (prefix === '') return eb(column, 'is not', null)
  if (!bytewise.has(column))
    return sql<SqlBool>`substr(${eb.ref(column)}, 1, ${Array.from(prefix).length}) = ${prefix}`
  const end = endOfPrefix(prefix)
  return eb.and([eb(column, '>=', prefix), ...(end === undefined ? [] : [eb(column, '<', end)])])
}

function bounds(eb: Users, column: TextColumn, from: Bound | undefined, to: Bound | undefined): Condition {
  return eb.and([
    eb(column, 'is not', null),
    ...(from ? [eb(column, from.inclusive ? '>=' : '>', from.value)] : []),
    ...(to ? [eb(column, to.inclusive ? '<=' : '<', to.value)] : []),
  ])
}

interface NumberSpan {
  from: number
  to: number
}

/** `read` gives the first value that a text stands for, and the first after it. */
function rangeTest(
  eb: Users,
  column: (SearchField & { kind: 'number' | 'time' })['column'],
  test: Test,
  read: (text: string) => NumberSpan,
): Condition {
  if (test.kind === 'exists') return eb(column, 'is not', null)
  if (test.kind === 'text') {
    const { from, to } = read(test.pieces.join('*'))
    return eb.and([eb(column, '>=', from), eb(column, '<', to)])
  }
  const { from, to } = test
  return eb.and([
    eb(column, 'is not', null),
    ...(from ? [eb(column, '>=', from.inclusive ? read(from.value).from : read(from.value).to)] : []),
    ...(to ? [eb(column, '<', to.inclusive ? read(to.value).to : read(to.value).from)] : []),
  ])
}

type Word = Test & { kind: 'text' }

function wordOf(name: string, test: Test): Word {
  if (test.kind !== 'text') throw new SearchSyntaxError(`${name} takes no such test`)
  return test
}

const foldWhole = { email: emailKey, domain: domainKey, name: nameKey }
/** The text after the last wildcard. In an address that is the end of the domain, at least. */
const foldEnd = {
  email: (text: string) => (text.includes('@') ? emailKey(text) : domainKey(text)),
  domain: domainKey,
  name: foldText,
}

const foldBound = (bound: Bound | undefined) => bound && { ...bound, value: foldText(bound.value) }

function folded(test: Test, fold: Fold | undefined): Test {
  if (!fold || test.kind === 'exists') return test
  if (test.kind === 'range') {
    return { ...test, from: foldBound(test.from), to: foldBound(test.to) }
  }
  const end = test.pieces.at(-1) ?? ''
  if (test.pieces.length === 1) return { ...test, pieces: [foldWhole[fold](end)] }
  return { ...test, pieces: [...test.pieces.slice(0, -1).map(foldText), foldEnd[fold](end)] }
}

const patternOf = ({ pieces }: Word) => pieces.map(literal).join('%')

const withPrefix = (word: Word): Word => ({
  ...word,
  pieces: word.pieces.map((piece, index) => (index === 0 ? `auth0|${piece}` : piece)),
})

function readFlag(name: string, test: Test): boolean {
  const text = wordOf(name, test).pieces.join('*')
  if (text !== 'true' && text !== 'false') throw new SearchSyntaxError(`${name} is true or false`)
  return text === 'true'
}

function readNumber(name: string, text: string): NumberSpan {
  if (!/^-?\d{1,9}$/.test(text)) throw new SearchSyntaxError(`${name} is a whole number`)
  return { from: Number(text), to: Number(text) + 1 }
}

function readTime(name: string, text: string): NumberSpan {
  const span = readSpan(text)
  if (!span) throw new SearchSyntaxError(`${name} is a time such as 2026-05-01 or 2026-05-01T10:00:00Z`)
  return span
}
