import { invalidQuery } from '../http/api-error.ts'

/**
 * A search for log entries: alternatives (OR), each a list of conditions that all hold. The subset of Lucene that
 * people type into a log page: `type:s`, `user_id:"auth0|1"`, `date:[2026-11-01 TO *]`, `NOT type:sapi`, a bare word.
 */
export type LogSearch = Condition[][]

export interface Condition {
  not: boolean
  /** Columns of which one must match. */
  columns: readonly LogColumn[]
  test: { equals: string } | { startsWith: string } | { from?: number; to?: number }
}

const textColumns = ['log_id', 'type', 'client_id', 'user_id', 'user_name', 'ip'] as const
export type LogColumn = (typeof textColumns)[number] | 'date'

/** What a bare word is looked for in. */
const bareColumns = ['user_name', 'user_id', 'client_id', 'ip', 'type'] as const

const longestQuery = 2_000
const mostConditions = 50

const token =
  /\s*(?:(?<operator>AND|OR|&&|\|\|)(?=[\s(]|$)|(?<not>NOT(?=\s|$)|[-!])|(?:(?<field>\w+):)?(?:\[(?<from>[^\s\]]+) TO (?<to>[^\s\]]+)\]|"(?<quoted>(?:[^"\\]|\\.)*)"|(?<word>[^\s"()[\]{}:]+(?::[^\s"()[\]{}]+)?)))/uy

/** @throws ApiError 400 for what is not in the subset */
export function parseLogSearch(text: string): LogSearch {
  if (text.length > longestQuery) throw refused(`longer than ${longestQuery} characters`)
  const alternatives: Condition[][] = [[]]
  let not = false
  let count = 0
  // Whether an operator stands open: between two conditions, and nowhere else.
  let open = false
  token.lastIndex = 0
  const end = text.trimEnd().length
  while (token.lastIndex < end) {
    const at = token.lastIndex
    const groups = token.exec(text)?.groups
    if (!groups) throw refused(`not understood from character ${at + 1}`)
    const { operator } = groups
    if (operator) {
      if (open || not || count === 0) throw refused(`${operator} without a condition before it`)
      open = true
      if (operator === 'OR' || operator === '||') alternatives.push([])
    } else if (groups['not']) not = !not
    else {
      if (++count > mostConditions) throw refused(`more than ${mostConditions} conditions`)
      alternatives.at(-1)?.push({ not, ...condition(groups) })
      not = false
      open = false
    }
  }
  if (not || open || (count === 0 && end > 0)) throw refused('an operator without a condition after it')
  return count === 0 ? [] : alternatives
}

function condition(groups: Record<string, string | undefined>): Omit<Condition, 'not'> {
  const { field, from, to, quoted, word = '' } = groups
  if (from !== undefined && to !== undefined) {
    if (field !== 'date') throw refused('only date has ranges')
    return { columns: ['date'], test: { ...bound('from', from), ...bound('to', to) } }
  }
  const value = quoted?.replace(/\\(.)/gu, '$1') ?? word
  const columns = columnsOf(field)
  if (quoted === undefined && value.endsWith('*'))
    return { columns, test: { startsWith: value.slice(0, -1) } }
  return { columns, test: { equals: value } }
}

function columnsOf(field: string | undefined): readonly LogColumn[] {
  if (field === undefined) return bareColumns
  const column = textColumns.find((name) => name === field || (name === 'log_id' && field === '_id'))
  if (!column) throw refused(`no field ${field}; there are ${textColumns.join(', ')} and date`)
  return [column]
}

function bound(side: 'from' | 'to', text: string): { [key in 'from' | 'to']?: number } {
  if (text === '*') return {}
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw refused(`not a date: ${text.slice(0, 40)}`)
  // A day without a time is meant whole.
  const whole = side === 'to' && /^\d{4}-\d\d-\d\d$/.test(text) ? 86_400_000 - 1 : 0
  return { [side]: time + whole }
}

const refused = (reason: string) => invalidQuery(`'The search cannot be read: ${reason}' on property q.`)
