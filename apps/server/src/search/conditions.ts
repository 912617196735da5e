import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import { foldText, nameKey } from '../store/canonical.ts'
import { endOfPrefix, literal, matches } from '../store/sql.ts'
import { type Bound, type Query, SearchSyntaxError, type Test } from './lucene.ts'
import { readSpan, type Span } from './times.ts'

export type Condition = Expression<SqlBool>

/** Converts a test of a field to a condition. @throws SearchSyntaxError for a test that the field does not support */
export type Field = (test: Test, name: string) => Condition

/** The fields that can be searched. */
export interface FieldTable {
  field(name: string): Field | undefined
  /** A term without a field. */
  bareTerm: Field
}

/** Each wildcard costs time in the length of the text. The rule for a leading one is Auth0's. */
const maxWildcards = 3
const minAfterLeadingWildcard = 3

/**
 * Converts a query to a condition. Values are bound as parameters and never become part of the statement.
 * @throws SearchSyntaxError for a field that does not exist, or a test that does not fit it
 */
export function toCondition(query: Query, table: FieldTable): Condition {
  switch (query.kind) {
    case 'all':
      return all(query.parts.map((part) => toCondition(part, table)))
    case 'any':
      return any(query.parts.map((part) => toCondition(part, table)))
    case 'not':
      // NULL does not match, so its negation matches.
      return sql<SqlBool>`not coalesce(${toCondition(query.part, table)}, false)`
    default: {
      const { field: name, test } = query
      if (name === undefined) return table.bareTerm(test, 'a term without a field')
      const field = table.field(name)
      if (!field) throw new SearchSyntaxError(`the field ${name} cannot be searched`)
      return field(test, name)
    }
  }
}

const all = (parts: Condition[]): Condition => sql<SqlBool>`(${sql.join(parts, sql` and `)})`
export const any = (parts: Condition[]): Condition => sql<SqlBool>`(${sql.join(parts, sql` or `)})`
export const always: Condition = sql<SqlBool>`true`

/** Converts a text of a query to the form of a column of canonical keys. */
export interface Fold {
  whole(text: string): string
  /** For the text after the last wildcard. The texts before it are folded as parts of a text. */
  end(text: string): string
}

export const nameFold: Fold = { whole: nameKey, end: foldText }

interface TextOptions {
  postgres: boolean
  /** Default: the field is compared exactly. */
  fold?: Fold
  /** Both databases compare the column byte by byte, so that a prefix is a range, which an index answers. */
  bytewise?: boolean
  /** See `withoutIndex`. */
  indexed?: boolean
}

/**
 * The column, which SQLite does not look up in an index then: it has no statistics, takes a comparison for more selective
 * than the beginning of an address, and would read the half of all users that are not blocked. PostgreSQL has statistics.
 */
const withoutIndex = (column: string): RawBuilder<unknown> => sql`+${sql.ref(column)}`

export function textField(
  column: string | RawBuilder<unknown>,
  { postgres, fold, bytewise = false, indexed = true }: TextOptions,
): Field {
  const named = (name: string) => (indexed ? sql.ref(name) : withoutIndex(name))
  const ref = typeof column === 'string' ? named(column) : column
  const ordered = bytewise || !postgres ? ref : sql`${ref} collate "C"`
  return (given) => {
    const test = fold ? folded(given, fold) : given
    if (test.kind === 'exists') return present(ref)
    if (test.kind === 'range') return between(ordered, test.from, test.to)
    const { pieces } = checkWildcards(test)
    const [start = '', ...rest] = pieces
    if (rest.length === 0) return sql<SqlBool>`${ref} = ${start}`
    if (rest.length > 1 || rest[0] !== '') return likePattern(ref, pieces, !fold && !postgres)
    if (start === '') return present(ref)
    return bytewise ? prefixRange(ref, start) : hasPrefix(ref, start)
  }
}

/** SQLite's LIKE ignores the case of ASCII letters. Its GLOB does not. */
function likePattern(ref: RawBuilder<unknown>, pieces: string[], glob: boolean): Condition {
  if (glob)
    return sql<SqlBool>`${ref} glob ${pieces.map((piece) => piece.replaceAll(/[*?[]/g, '[$&]')).join('*')}`
  return matches(ref, pieces.map(literal).join('%'))
}

function prefixRange(ref: RawBuilder<unknown>, prefix: string): Condition {
  const end = endOfPrefix(prefix)
  return all([sql`${ref} >= ${prefix}`, ...(end === undefined ? [] : [sql<SqlBool>`${ref} < ${end}`])])
}

const hasPrefix = (ref: RawBuilder<unknown>, prefix: string) =>
  sql<SqlBool>`substr(${ref}, 1, ${Array.from(prefix).length}) = ${prefix}`

const present = (ref: RawBuilder<unknown>): Condition => sql<SqlBool>`${ref} is not null`

function between(ref: RawBuilder<unknown>, from: Bound | undefined, to: Bound | undefined): Condition {
  return all([
    present(ref),
    ...(from ? [sql<SqlBool>`${ref} ${sql.raw(from.inclusive ? '>=' : '>')} ${from.value}`] : []),
    ...(to ? [sql<SqlBool>`${ref} ${sql.raw(to.inclusive ? '<=' : '<')} ${to.value}`] : []),
  ])
}

/** @param read returns the first value of a text's period, and the first after it */
function spanField(
  column: string,
  read: (text: string, name: string) => Record<keyof Span, number | string>,
): Field {
  const ref = sql.ref(column)
  return (test, name) => {
    if (test.kind === 'exists') return present(ref)
    if (test.kind === 'text') {
      const { from, to } = read(wordOf(test, name), name)
      return all([sql`${ref} >= ${from}`, sql`${ref} < ${to}`])
    }
    const from = test.from && read(test.from.value, name)[test.from.inclusive ? 'from' : 'to']
    const to = test.to && read(test.to.value, name)[test.to.inclusive ? 'to' : 'from']
    return all([
      present(ref),
      ...(from === undefined ? [] : [sql<SqlBool>`${ref} >= ${from}`]),
      ...(to === undefined ? [] : [sql<SqlBool>`${ref} < ${to}`]),
    ])
  }
}

/** @param toValue converts a time to a value of the column, which sorts as the times do */
export const timeField = (
  column: string,
  toValue: (time: number) => number | string = (time) => time,
): Field =>
  spanField(column, (text, name) => {
    const span = readSpan(text)
    if (!span) throw new SearchSyntaxError(`${name} is a time such as 2026-05-01 or 2026-05-01T10:00:00Z`)
    return { from: toValue(span.from), to: toValue(span.to) }
  })

export const numberField = (column: string): Field =>
  spanField(column, (text, name) => {
    if (!/^-?\d{1,9}$/.test(text))
      throw new SearchSyntaxError(`${name} is a whole number of at most nine digits`)
    return { from: Number(text), to: Number(text) + 1 }
  })

export function flagField(column: string, { indexed = true } = {}): Field {
  const ref = indexed ? sql.ref(column) : withoutIndex(column)
  return (test, name) => {
    if (test.kind === 'exists') return always
    const text = wordOf(test, name)
    if (text !== 'true' && text !== 'false') throw new SearchSyntaxError(`${name} is true or false`)
    return sql<SqlBool>`${ref} = ${text === 'true'}`
  }
}

/** @throws SearchSyntaxError for a test of another kind */
export function piecesOf(test: Test, name: string): string[] {
  if (test.kind !== 'text') throw new SearchSyntaxError(`${name} takes no ranges`)
  return checkWildcards(test).pieces
}

/** @returns the text of a test without wildcards @throws SearchSyntaxError */
export function wordOf(test: Test, name: string): string {
  const [word = '', ...rest] = piecesOf(test, name)
  if (rest.length > 0) throw new SearchSyntaxError(`${name} takes no wildcards`)
  return word
}

function checkWildcards(test: Test & { kind: 'text' }) {
  const [start, ...rest] = test.pieces
  if (rest.length > maxWildcards) throw new SearchSyntaxError(`more than ${maxWildcards} wildcards in a term`)
  const isLeading = start === '' && (rest.length > 1 || rest.some((piece) => piece !== ''))
  if (isLeading && Math.max(...rest.map((piece) => piece.length)) < minAfterLeadingWildcard)
    throw new SearchSyntaxError(`a leading * needs ${minAfterLeadingWildcard} characters after it`)
  return test
}

const foldBound = (bound: Bound | undefined) => bound && { ...bound, value: foldText(bound.value) }

export function folded(test: Test, fold: Fold): Test {
  if (test.kind === 'exists') return test
  if (test.kind === 'range') return { ...test, from: foldBound(test.from), to: foldBound(test.to) }
  const end = test.pieces.at(-1) ?? ''
  if (test.pieces.length === 1) return { ...test, pieces: [fold.whole(end)] }
  return { ...test, pieces: [...test.pieces.slice(0, -1).map(foldText), fold.end(end)] }
}
