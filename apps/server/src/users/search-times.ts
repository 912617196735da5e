/** The first millisecond of a time, and the first after it: a date without a time is the whole day, a year the whole year. */
export interface Span {
  from: number
  to: number
}

const partialDate = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/
const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/

/** Reads ISO 8601, in UTC unless it says otherwise. Undefined for anything else. */
export function readSpan(text: string): Span | undefined {
  const [whole, year, month, day] = partialDate.exec(text) ?? []
  if (whole !== undefined) {
    const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)]
    const from = Date.UTC(y, m, d)
    if (new Date(from).getUTCMonth() !== m) return undefined
    if (day !== undefined) return { from, to: Date.UTC(y, m, d + 1) }
    return { from, to: month === undefined ? Date.UTC(y + 1, 0) : Date.UTC(y, m + 1) }
  }
  if (!dateTime.test(text)) return undefined
  const at = Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`)
  return Number.isNaN(at) ? undefined : { from: at, to: at + 1 }
}
