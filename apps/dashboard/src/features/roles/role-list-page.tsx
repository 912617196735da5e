import { Button } from '@mantine/core'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { pageSize } from '../../shared/management/lists.ts'
import { type Role, useRolePage } from '../../shared/management/roles.ts'
import { common } from '../../shared/text.ts'
import { ClashNote } from '../../shared/ui/clash-note.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { Pager } from '../../shared/ui/pager.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { type Column, Table } from '../../shared/ui/table.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { usePage } from '../../shared/ui/use-page.ts'
import { CreateRoleDialog } from './create-role-dialog.tsx'
import { roles } from './text.ts'

const columns: Column<Role>[] = [
  {
    key: 'name',
    header: common.name,
    width: '40%',
    render: ({ id, name, type }) => (
      <span className="row">
        <Link className="table-link" to={id}>
          {name}
        </Link>
        {type === 'system' && <Tag>{common.system}</Tag>}
      </span>
    ),
  },
  { key: 'description', header: common.description, render: ({ description }) => description },
]

export function RoleListPage() {
  const can = useCan()
  const [search, setSearch] = useSearchParams()
  const text = search.get('q') ?? ''
  const [page, setPage] = usePage()
  const query = useRolePage(page, text)
  const [creating, setCreating] = useState(false)
  const create = can('create:roles') && (
    <Button variant="filled" leftSection={<Icon name="plus" size={15} />} onClick={() => setCreating(true)}>
      {roles.create}
    </Button>
  )
  return (
    <Page title={roles.title} subtitle={roles.subtitle} actions={create}>
      <div className="toolbar">
        <SearchField
          label={roles.search}
          value={text}
          onChange={(q) => setSearch(q ? { q } : {}, { replace: true })}
        />
      </div>
      <ClashNote kind="roles" />
      {query.error ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          <Table
            label={roles.title}
            columns={columns}
            rows={query.data?.items}
            stale={query.isPlaceholderData}
            rowKey={({ id }) => id}
            empty={
              text ? (
                <EmptyState icon="search" title={common.noMatch(text)} />
              ) : (
                <EmptyState icon="role" title={roles.emptyTitle} action={create}>
                  {roles.emptyBody}
                </EmptyState>
              )
            }
          />
          <Pager page={page} size={pageSize} total={query.data?.total ?? 0} onPage={setPage} />
        </>
      )}
      <CreateRoleDialog opened={creating} onClose={() => setCreating(false)} />
    </Page>
  )
}
