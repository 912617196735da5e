/** The first millisecond of a time, and the first after it: a date without a time is the whole day, a year the whole year. */
export interface Span {
  from: number
  to: number
}

const partialDate = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/
const dateTime = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/

/** Reads ISO 8601, in UTC unless it says otherwise. Undefined for anything else, such as 30 February. */
export function readSpan(text: string): Span | undefined {
  const [whole, year = '', month, day] = partialDate.exec(text) ?? []
  if (whole !== undefined) {
    const from = readDay(`${year}-${month ?? '01'}-${day ?? '01'}`)
    if (from === undefined) return undefined
    const end = new Date(from)
    if (day !== undefined) end.setUTCDate(end.getUTCDate() + 1)
    else if (month !== undefined) end.setUTCMonth(end.getUTCMonth() + 1)
    else end.setUTCFullYear(end.getUTCFullYear() + 1)
    return { from, to: end.getTime() }
  }
  const [isTime, date = '', , , zone] = dateTime.exec(text) ?? []
  if (isTime === undefined || readDay(date) === undefined) return undefined
  const at = Date.parse(zone === undefined ? `${text}Z` : text)
  return Number.isNaN(at) ? undefined : { from: at, to: at + 1 }
}

/** `Date.parse` takes 30 February for 2 March. */
function readDay(date: string): number | undefined {
  const at = Date.parse(date)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date) ? at : undefined
}
