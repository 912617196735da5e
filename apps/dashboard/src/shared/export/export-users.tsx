import type { UserFilters } from '../management/user-filters.ts'
import { useExportUsers } from '../management/users.ts'
import { ExportButtons } from './export-buttons.tsx'

/** Downloads all users that the filters find. The server writes the file. */
export function ExportUsers({ filters }: { filters: UserFilters }) {
  const { mutateAsync } = useExportUsers()
  return <ExportButtons name="users" read={(format) => mutateAsync({ filters, format })} />
}
