import { Button } from '@mantine/core'
import { downloadText } from '../../shared/env/download.ts'
import type { UserFilters } from '../../shared/management/user-filters.ts'
import { useExportUsers } from '../../shared/management/users.ts'
import { Icon } from '../../shared/ui/icon.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { users } from './text.ts'

/** Downloads all users that the filters find, not only those of the page. */
export function ExportUsers({ filters }: { filters: UserFilters }) {
  const exporting = useExportUsers()
  const act = useAction()
  const download = (format: 'csv' | 'json') =>
    act({
      run: async () => downloadText(`users.${format}`, await exporting.mutateAsync({ filters, format })),
      done: users.exported,
    })
  return (
    <span className="row">
      {(['csv', 'json'] as const).map((format) => (
        <Button
          key={format}
          size="compact-sm"
          aria-label={users.exportAs(format.toUpperCase())}
          loading={exporting.isPending && exporting.variables.format === format}
          disabled={exporting.isPending}
          leftSection={<Icon name="download" size={14} />}
          onClick={() => void download(format)}
        >
          {format.toUpperCase()}
        </Button>
      ))}
    </span>
  )
}
