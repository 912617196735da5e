import { ExportButtons } from '../../shared/export/export-buttons.tsx'
import type { UserFilters } from '../../shared/management/user-filters.ts'
import { useExportUsers } from '../../shared/management/users.ts'

/** Downloads all users that the filters find. The server writes the file. */
export function ExportUsers({ filters }: { filters: UserFilters }) {
  const { mutateAsync } = useExportUsers()
  return <ExportButtons name="users" read={(format) => mutateAsync({ filters, format })} />
}
