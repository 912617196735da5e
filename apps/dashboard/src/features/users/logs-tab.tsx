import { LogTable } from '../../shared/logs/log-table.tsx'
import { pageSize } from '../../shared/management/lists.ts'
import { useUserLogs } from '../../shared/management/user-activity.ts'
import { type User } from '../../shared/management/users.ts'
import { Failure } from '../../shared/ui/failure.tsx'
import { Pager } from '../../shared/ui/pager.tsx'
import { usePage } from '../../shared/url-state.ts'
import { userLogs as text } from './text.ts'

export function LogsTab({ user }: { user: User }) {
  const [page, setPage] = usePage()
  const query = useUserLogs(user.user_id, page)
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  return (
    <>
      <p className="dim list-hint">{text.hint}</p>
      <LogTable rows={query.data?.items} stale={query.isPlaceholderData} withUser={false} />
      <Pager page={page} size={pageSize} total={query.data?.total ?? 0} onPage={setPage} />
    </>
  )
}
