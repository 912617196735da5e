import { Button } from '@mantine/core'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { type ResourceServer, useApis } from '../../shared/management/apis.ts'
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
import { CreateApiDialog } from './create-api-dialog.tsx'
import { apis } from './text.ts'

const columns: Column<ResourceServer>[] = [
  {
    key: 'name',
    header: common.name,
    render: ({ id, name, is_system }) => (
      <span className="row">
        <Link className="table-link" to={id}>
          {name}
        </Link>
        {is_system && <Tag>{common.system}</Tag>}
      </span>
    ),
  },
  {
    key: 'identifier',
    header: common.identifier,
    render: ({ identifier }) => <CopyText value={identifier} what={common.identifier} />,
  },
  { key: 'scopes', header: apis.tabs.permissions, wide: true, render: ({ scopes = [] }) => scopes.length },
  {
    key: 'rbac',
    header: apis.rbac,
    wide: true,
    render: ({ enforce_policies }) => (
      <Tag tone={enforce_policies ? 'ok' : 'plain'}>{enforce_policies ? apis.on : apis.off}</Tag>
    ),
  },
]

export function ApiListPage() {
  const can = useCan()
  const query = useApis()
  const [search, setSearch] = useSearchParams()
  const [creating, setCreating] = useState(false)
  const text = search.get('q') ?? ''
  const rows = query.data?.filter(({ name, identifier }) => includesText(`${name} ${identifier}`, text))
  const create = can('create:resource_servers') && (
    <Button variant="filled" leftSection={<Icon name="plus" size={15} />} onClick={() => setCreating(true)}>
      {apis.create}
    </Button>
  )
  return (
    <Page title={apis.title} subtitle={apis.subtitle} actions={create}>
      <div className="toolbar">
        <SearchField
          label={apis.search}
          value={text}
          onChange={(q) => setSearch(q ? { q } : {}, { replace: true })}
        />
      </div>
      {query.error ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Table
          label={apis.title}
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          empty={
            text ? (
              <EmptyState icon="search" title={common.noMatch(text)} />
            ) : (
              <EmptyState icon="api" title={apis.emptyTitle} action={create}>
                {apis.emptyBody}
              </EmptyState>
            )
          }
        />
      )}
      <CreateApiDialog opened={creating} onClose={() => setCreating(false)} />
    </Page>
  )
}
