import { pageSize } from '../management/lists.ts'

/** As far as the server pages the log by number. */
export const lastLogPage = 20

/** The length of a list that is not counted, which the last page tells. */
export function totalOfUncounted(page: number, rows: unknown[] | undefined): number | undefined {
  const isLast = rows === undefined || rows.length < pageSize || page >= lastLogPage
  return isLast ? page * pageSize + (rows?.length ?? 0) : undefined
}
