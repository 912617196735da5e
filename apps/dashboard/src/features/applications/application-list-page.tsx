import { hasUnauthenticatedGrant } from '@rolecall/contract'
import { Link, useSearchParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { DeleteSelected } from '../../shared/bulk/delete-selected.tsx'
import { ExportButtons } from '../../shared/export/export-buttons.tsx'
import { toLines } from '../../shared/export/lines.ts'
import { applicationTypes } from '../../shared/management/application-types.ts'
import { type Client, useApplications } from '../../shared/management/applications.ts'
import { removals } from '../../shared/management/removals.ts'
import { includesText } from '../../shared/match.ts'
import { ResourceListPage } from '../../shared/pages/resource-list-page.tsx'
import { common } from '../../shared/text.ts'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import type { Column } from '../../shared/ui/table.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { CreateApplicationDialog } from './create-application-dialog.tsx'
import { applications, typeName } from './text.ts'

const columns: Column<Client>[] = [
  {
    key: 'name',
    header: common.name,
    render: (application) => (
      <span className="row">
        <Link className="table-link" to={application.client_id}>
          {application.name}
        </Link>
        {application.is_system && <Tag>{common.system}</Tag>}
        {hasUnauthenticatedGrant(application) && <Tag tone="danger">{applications.unauthenticated}</Tag>}
      </span>
    ),
  },
  { key: 'type', header: applications.type, render: typeName },
  {
    key: 'client_id',
    header: applications.clientId,
    wide: true,
    render: ({ client_id }) => <CopyText value={client_id} what={applications.clientId} />,
  },
]

/** The settings that most applications have; secrets are not among what the server returns. */
const exportColumns = [
  'client_id',
  'name',
  'description',
  'app_type',
  'token_endpoint_auth_method',
  'grant_types',
  'callbacks',
  'allowed_logout_urls',
  'web_origins',
  'is_first_party',
  'is_system',
]

export function ApplicationListPage() {
  const can = useCan()
  const [search, setSearch] = useSearchParams()
  const query = useApplications()
  const rows = query.data?.filter(({ name, client_id }) =>
    includesText(`${name} ${client_id}`, search.get('q') ?? ''),
  )
  const type = applicationTypes.find((each) => each === search.get('create'))
  return (
    <ResourceListPage
      text={applications}
      icon="application"
      query={query}
      rows={rows}
      actions={
        <ExportButtons
          name="applications"
          read={async (format) => toLines(rows ?? [], exportColumns, format)}
        />
      }
      rowKey={({ client_id }) => client_id}
      columns={columns}
      bulk={
        can('delete:clients') && {
          nameOf: ({ name }) => name,
          may: ({ is_system }) => !is_system,
          renderActions: (picked, clear) => (
            <DeleteSelected
              text={applications}
              picked={picked}
              clear={clear}
              removalOf={removals.application}
            />
          ),
        }
      }
      onCreate={can('create:clients') ? () => setSearch({ create: 'spa' }) : undefined}
    >
      {type && <CreateApplicationDialog type={type} onClose={() => setSearch({}, { replace: true })} />}
    </ResourceListPage>
  )
}
