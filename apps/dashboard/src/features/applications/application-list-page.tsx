import { hasUnauthenticatedGrant } from '@rolecall/contract'
import { Link, useSearchParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { applicationTypes } from '../../shared/management/application-types.ts'
import { type Client, useApplications } from '../../shared/management/applications.ts'
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

export function ApplicationListPage() {
  const can = useCan()
  const [search, setSearch] = useSearchParams()
  const query = useApplications()
  const type = applicationTypes.find((each) => each === search.get('create'))
  return (
    <ResourceListPage
      text={applications}
      icon="application"
      query={query}
      rows={query.data?.filter(({ name, client_id }) =>
        includesText(`${name} ${client_id}`, search.get('q') ?? ''),
      )}
      rowKey={({ client_id }) => client_id}
      columns={columns}
      onCreate={can('create:clients') ? () => setSearch({ create: 'spa' }) : undefined}
    >
      {type && <CreateApplicationDialog type={type} onClose={() => setSearch({}, { replace: true })} />}
    </ResourceListPage>
  )
}
