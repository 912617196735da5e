import { type SqlBool, sql } from 'kysely'
import { invalidQuery } from '../http/api-error.ts'
import {
  any,
  type Condition,
  type Field,
  type FieldTable,
  textField,
  timeField,
  toCondition,
  wordOf,
} from '../search/conditions.ts'
import { parseLucene, SearchSyntaxError } from '../search/lucene.ts'
import { startOfId } from './store.ts'

const maxLength = 2_000
/** Adjacent terms must all match, as is usual for a log. */
const grammar = { adjacent: 'all', maxTerms: 50 } as const

/** @returns undefined for a blank text @throws ApiError 400 for a malformed query, or one that does not fit the fields */
export function parseLogSearch(text: string, postgres: boolean): Condition | undefined {
  if (text.length > maxLength) throw refused(`longer than ${maxLength} characters`)
  try {
    const query = parseLucene(text, grammar)
    return query && toCondition(query, logFields(postgres))
  } catch (cause) {
    throw cause instanceof SearchSyntaxError ? refused(cause.message) : cause
  }
}

function logFields(postgres: boolean): FieldTable {
  const id = (column: string) => withoutRanges(textField(column, { postgres, bytewise: true }))
  const logId = id('log_id')
  const fields = {
    log_id: logId,
    type: withoutRanges(textField('type', { postgres })),
    client_id: id('client_id'),
    user_id: id('user_id'),
    user_name: id('user_name'),
    ip: id('ip'),
    target_id: targetField,
    date: timeField('log_id', startOfId),
  }
  const searched = [fields.user_name, fields.user_id, fields.client_id, fields.ip, fields.type]
  const table = new Map<string, Field>([['_id', logId], ...Object.entries(fields)])
  return {
    field(name) {
      const field = table.get(name)
      if (!field) throw refused(`no field ${name}; there are ${Object.keys(fields).join(', ')}`)
      return field
    },
    bareTerm: (test, name) => any(searched.map((field) => field(test, name))),
  }
}

/** The id of an object that the entry is about. */
const targetField: Field = (test, name) =>
  sql<SqlBool>`log_id in (select log_id from log_targets where target_id = ${wordOf(test, name)})`

const withoutRanges =
  (field: Field): Field =>
  (test, name) => {
    if (test.kind === 'range') throw new SearchSyntaxError('only date has ranges')
    return field(test, name)
  }

const refused = (reason: string) => invalidQuery(`'The search cannot be read: ${reason}' on property q.`)
