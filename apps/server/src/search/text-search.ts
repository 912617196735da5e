import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { foldText } from '../store/canonical.ts'
import { isPostgres } from '../store/migrations/column-types.ts'
import { fieldStart, isEastAsian, pairStart } from '../store/search-text.ts'
import { endOfPrefix, literal, matches } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { any, type Condition } from './conditions.ts'

/** The tables with a text index. Migration 0003 creates it. */
type SearchedTable = 'users' | 'roles' | 'apis' | 'applications'

const maxWords = 8
/** Enough to find few rows. The text itself is compared as well. */
const maxTrigrams = 16

/** The texts of which an object must have one for a word of the search. */
type Alternatives = readonly string[]

/** A search that the text index answers: any part of a word, at any place, for each word of the term. */
export interface TextSearch {
  /** The objects that match. */
  condition: Condition
  /** SQLite: the query for the table of FTS5, which has some more objects than `condition`. */
  match: string
}

/** Undefined for a term without a word, which every object matches. */
export function textSearch(db: Db, table: SearchedTable, term: string): TextSearch | undefined {
  const words = wordsOf(term)
  if (words.length === 0) return undefined
  const column = sql.ref(`${table}.search_text`)
  const contains = (text: string): Condition =>
    isPostgres(db) ? matches(column, `%${literal(text)}%`) : sql<SqlBool>`instr(${column}, ${text}) > 0`
  return {
    condition: sql<SqlBool>`(${sql.join(
      words.map((texts) => any(texts.map(contains))),
      sql` and `,
    )})`,
    match: matchOf(words),
  }
}

/** The condition for a list that has an order of its own. */
export function textCondition(db: Db, table: SearchedTable, term: string): Condition | undefined {
  const search = textSearch(db, table, term)
  if (!search || isPostgres(db)) return search?.condition
  const index = sql.table(`${table}_search`)
  return sql<SqlBool>`(${sql.ref(`${table}.search_id`)} in (select rowid from ${index} where ${index} match ${search.match})
    and ${search.condition})`
}

/** For PostgreSQL without pg_trgm: the columns that begin with the term, whose indexes answer it. */
export function prefixCondition(
  columns: readonly RawBuilder<unknown>[],
  term: string,
): Condition | undefined {
  const start = foldText(term).trim()
  if (start === '') return undefined
  const end = endOfPrefix(start)
  return any(
    columns.map((column) =>
      end === undefined
        ? sql<SqlBool>`${column} >= ${start}`
        : sql<SqlBool>`(${column} >= ${start} and ${column} < ${end})`,
    ),
  )
}

/**
 * Whether the store finds parts of words from an index. `false`: PostgreSQL without pg_trgm, where `openPostgres` does
 * not set the mark.
 */
export function hasTextIndex(db: Db): boolean {
  const { adapter } = db.getExecutor()
  return !('hasTextIndex' in adapter) || adapter.hasTextIndex === true
}

function wordsOf(term: string): Alternatives[] {
  const words = foldText(term)
    .split(' ')
    .filter((word) => word !== '')
    .slice(0, maxWords)
  const found = words.map(alternativesOf)
  const [first] = words
  // A single character is compared, but too short for the index, so one word at least must be a beginning of a field.
  if (first !== undefined && !found.some(isIndexed)) return [[fieldStart + first], ...found.slice(1)]
  return found
}

function alternativesOf(word: string): Alternatives {
  const characters = Array.from(word)
  if (characters.length > 2) return [word]
  if (characters.length === 2 && characters.every(isEastAsian)) return [pairStart + word]
  return [`\n${word}`, ` ${word}`]
}

const isIndexed = (texts: Alternatives) => texts.every((text) => Array.from(text).length > 2)

function matchOf(words: readonly Alternatives[]): string {
  return words
    .filter(isIndexed)
    .map(
      (texts) => `(${texts.map((text) => `(${trigramsOf(text).map(quoted).join(' AND ')})`).join(' OR ')})`,
    )
    .join(' AND ')
}

function trigramsOf(text: string): string[] {
  const characters = Array.from(text)
  const trigrams = characters.slice(2).map((_, at) => characters.slice(at, at + 3).join(''))
  return [...new Set(trigrams)].slice(0, maxTrigrams)
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
