import { Button } from '@mantine/core'
import { hasUnauthenticatedGrant } from '@rolecall/contract'
import { Link, useSearchParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { applicationTypes } from '../../shared/management/application-types.ts'
import { type Client, useApplications } from '../../shared/management/applications.ts'
import { includesText } from '../../shared/match.ts'
import { common } from '../../shared/text.ts'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { type Column, Table } from '../../shared/ui/table.tsx'
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
  const query = useApplications()
  const [search, setSearch] = useSearchParams()
  const text = search.get('q') ?? ''
  const asked = search.get('create')
  const creating = applicationTypes.find((type) => type === asked)
  const create = can('create:clients') && (
    <Button
      variant="filled"
      leftSection={<Icon name="plus" size={15} />}
      onClick={() => setSearch({ create: 'spa' })}
    >
      {applications.create}
    </Button>
  )
  const rows = query.data?.filter(({ name, client_id }) => includesText(`${name} ${client_id}`, text))
  return (
    <Page title={applications.title} subtitle={applications.subtitle} actions={create}>
      <div className="toolbar">
        <SearchField
          label={applications.search}
          value={text}
          onChange={(q) => setSearch(q ? { q } : {}, { replace: true })}
        />
      </div>
      {query.error ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Table
          label={applications.title}
          columns={columns}
          rows={rows}
          rowKey={({ client_id }) => client_id}
          empty={
            text ? (
              <EmptyState icon="search" title={common.noMatch(text)} />
            ) : (
              <EmptyState icon="application" title={applications.emptyTitle} action={create}>
                {applications.emptyBody}
              </EmptyState>
            )
          }
        />
      )}
      {creating && (
        <CreateApplicationDialog type={creating} onClose={() => setSearch({}, { replace: true })} />
      )}
    </Page>
  )
}
