/** An object of a list, by the names of its columns. */
export type ExportRow = Readonly<Record<string, unknown>>

/** The form of the exports of users: JSON objects, one in a line, or CSV (RFC 4180) with a header line. */
export function toLines(
  rows: readonly ExportRow[],
  columns: readonly string[],
  format: 'csv' | 'json',
): string {
  if (format === 'json')
    return rows
      .map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])))
      .map((row) => `${JSON.stringify(row)}\n`)
      .join('')
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))]
  return lines.map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('')
}

/** Prefixes an apostrophe to a cell that a spreadsheet would run as a formula (CWE-1236). */
function cellOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.]+$/.test(text) ? `'${text}` : text
  return `"${safe.replaceAll('"', '""')}"`
}
