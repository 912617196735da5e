import { log } from '@rolecall/contract'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { pageSize } from '../management/lists.ts'
import { Failure } from '../ui/failure.tsx'
import { Pager } from '../ui/pager.tsx'
import { usePage } from '../url-state.ts'
import { ExportLog } from './export-log.tsx'
import { LogTable } from './log-table.tsx'
import { totalOfUncounted } from './paging.ts'
import { logTable } from './text.ts'

/** What was done to an object, newest first. */
export function HistoryTab({ id }: { id: string }) {
  const api = useApi()
  const [page, setPage] = usePage()
  const q = `target_id:${JSON.stringify(id)}`
  const query = useQuery({
    queryKey: ['logs', 'history', id, page],
    queryFn: () => api.get('logs', z.array(log), { page, per_page: pageSize, q }),
    placeholderData: keepPreviousData,
  })
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  return (
    <>
      <div className="toolbar">
        <p className="dim list-hint">{logTable.historyHint}</p>
        <ExportLog name="history" q={q} />
      </div>
      <LogTable rows={query.data} stale={query.isPlaceholderData} none={logTable.noHistory} />
      <Pager page={page} size={pageSize} total={totalOfUncounted(page, query.data)} onPage={setPage} />
    </>
  )
}
