import { type Log, log } from '@rolecall/contract'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import type { ManagementApi } from '../api/management-api.ts'
import { ExportButtons } from '../export/export-buttons.tsx'
import { type ExportRow, toLines } from '../export/lines.ts'
import { sentenceOf, targetsOf } from './change.ts'
import { eventTypes } from './text.ts'

const perRequest = 100
/** As far as the server pages the log by number. */
const maxEntries = 1_000

const columns = ['date', 'who', 'event', 'what', 'application', 'ip', 'targets', 'before', 'after', 'log_id']

/** Downloads the latest entries of a search. */
export function ExportLog({ name, q }: { name: string; q: string }) {
  const api = useApi()
  return (
    <ExportButtons
      name={name}
      read={async (format) => toLines((await readLatest(api, q)).map(toRow), columns, format)}
    />
  )
}

/** Without a count, which would read all that match. */
async function readLatest(api: ManagementApi, q: string): Promise<Log[]> {
  const found: Log[] = []
  for (let page = 0; found.length < maxEntries; page++) {
    const some = await api.get('logs', z.array(log), { page, per_page: perRequest, q: q || undefined })
    found.push(...some)
    if (some.length < perRequest) break
  }
  return found
}

/** An entry as its row in a table says it, with all that it changed. */
export function toRow(entry: Log): ExportRow {
  const { date, type, description, user_name, user_id, client_name, client_id, ip, details, log_id } = entry
  const sentence = sentenceOf(entry)?.map((part) =>
    typeof part === 'string' ? part : part.map(({ name }) => name).join(', '),
  )
  return {
    date,
    who: user_name ?? user_id ?? client_name ?? client_id,
    event: eventNames[type]?.text ?? type,
    what: sentence?.join('') ?? description,
    application: client_name ?? client_id,
    ip,
    targets: targetsOf(entry),
    before: details?.['before'],
    after: details?.['after'],
    log_id,
  }
}

/** An entry may have a type that this dashboard does not know. */
const eventNames: Partial<Record<string, { text: string }>> = eventTypes
