import { ActionIcon, Button } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { useApis } from '../../shared/management/apis.ts'
import {
  permissionKey,
  type Role,
  type RolePermission,
  useChangeRolePermissions,
  useRolePermissions,
} from '../../shared/management/roles.ts'
import { includesText } from '../../shared/match.ts'
import { AddPermissionsDialog } from '../../shared/pages/add-permissions-dialog.tsx'
import { common } from '../../shared/text.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure, useFailure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { rolePermissions as text } from './text.ts'
import { useConfirmRemoval } from './use-confirm-removal.tsx'

const searchFrom = 12

export function PermissionsTab({ role }: { role: Role }) {
  const can = useCan()
  const query = useRolePermissions(role.id)
  const apis = useApis()
  const change = useChangeRolePermissions(role.id)
  const confirmRemoval = useConfirmRemoval(role)
  const toast = useToast()
  const failed = useFailure()
  const [filter, setFilter] = useState('')
  const [adding, setAdding] = useState(false)
  const mayChange = can('update:roles', 'read:resource_servers') && role.type !== 'system'
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />

  const remove = async (permission: RolePermission) => {
    if (!(await confirmRemoval(permission))) return
    change.mutate(
      { remove: [ref(permission)] },
      {
        onSuccess: () =>
          toast.done(text.removed(permission.permission_name), () =>
            change.mutate({ add: [ref(permission)] }, { onError: failed }),
          ),
        onError: failed,
      },
    )
  }
  const rows = query.data?.filter(({ permission_name, description, resource_server_name }) =>
    includesText(`${permission_name} ${description} ${resource_server_name}`, filter),
  )
  const addButton = mayChange && (
    <Button variant="filled" leftSection={<Icon name="plus" size={15} />} onClick={() => setAdding(true)}>
      {text.add}
    </Button>
  )
  return (
    <Section title={text.title} description={text.hint} actions={query.data?.length !== 0 && addButton}>
      {(query.data?.length ?? 0) > searchFrom && (
        <div className="toolbar">
          <SearchField label={text.filter} value={filter} onChange={setFilter} />
        </div>
      )}
      <Table
        label={text.title}
        rows={rows}
        rowKey={permissionKey}
        empty={
          filter ? (
            <EmptyState icon="search" title={common.noMatch(filter)} />
          ) : (
            <EmptyState icon="key" title={text.none} action={addButton}>
              {text.noneBody}
            </EmptyState>
          )
        }
        columns={[
          {
            key: 'name',
            header: common.permission,
            render: ({ permission_name }) => <code>{permission_name}</code>,
          },
          {
            key: 'description',
            header: common.description,
            wide: true,
            render: ({ description }) => description,
          },
          {
            key: 'api',
            header: text.api,
            render: ({ resource_server_name, resource_server_identifier }) => {
              const api = apis.data?.find(({ identifier }) => identifier === resource_server_identifier)
              return api ? (
                <Link to={`/apis/${api.id}/permissions`}>{resource_server_name}</Link>
              ) : (
                resource_server_name
              )
            },
          },
          {
            key: 'actions',
            header: common.remove,
            headerHidden: true,
            align: 'end',
            render: (permission) =>
              mayChange && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={text.remove(permission.permission_name)}
                  onClick={() => void remove(permission)}
                >
                  <Icon name="trash" />
                </ActionIcon>
              ),
          },
        ]}
      />
      {adding && (
        <AddPermissionsDialog
          title={text.addTitle(role.name)}
          held={query.data ?? []}
          busy={change.isPending}
          onClose={() => setAdding(false)}
          onAdd={(add) =>
            change.mutate(
              { add },
              {
                onSuccess: () => {
                  setAdding(false)
                  toast.done(text.added(add.length), () =>
                    change.mutate({ remove: add }, { onError: failed }),
                  )
                },
                onError: failed,
              },
            )
          }
        />
      )}
    </Section>
  )
}

const ref = ({ permission_name, resource_server_identifier }: RolePermission) => ({
  permission_name,
  resource_server_identifier,
})
