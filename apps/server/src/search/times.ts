/** The first millisecond of a period, and the first after it. A date is a whole day, a year a whole year. */
export interface Span {
  from: number
  to: number
}

const partialDate = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/
const dateTime = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/

/** Reads ISO 8601, in UTC by default. @returns undefined for any other text, such as 30 February */
export function readSpan(text: string): Span | undefined {
  return readDate(text) ?? readTime(text)
}

function readDate(text: string): Span | undefined {
  const match = partialDate.exec(text)
  if (!match) return undefined
  const [, year = '', month, day] = match
  const from = readDay(`${year}-${month ?? '01'}-${day ?? '01'}`)
  if (from === undefined) return undefined
  const end = new Date(from)
  if (day !== undefined) end.setUTCDate(end.getUTCDate() + 1)
  else if (month !== undefined) end.setUTCMonth(end.getUTCMonth() + 1)
  else end.setUTCFullYear(end.getUTCFullYear() + 1)
  return { from, to: end.getTime() }
}

function readTime(text: string): Span | undefined {
  const match = dateTime.exec(text)
  if (!match) return undefined
  const [, date = '', , , zone] = match
  if (readDay(date) === undefined) return undefined
  const at = Date.parse(zone === undefined ? `${text}Z` : text)
  return Number.isNaN(at) ? undefined : { from: at, to: at + 1 }
}

/** `Date.parse` reads 30 February as 2 March. */
function readDay(date: string): number | undefined {
  const at = Date.parse(date)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date) ? at : undefined
}
