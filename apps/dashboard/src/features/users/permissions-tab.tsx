import { ActionIcon, Button } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { permissionKey } from '../../shared/management/roles.ts'
import {
  type User,
  type UserPermission,
  useChangeUserPermissions,
  useUserPermissions,
} from '../../shared/management/users.ts'
import { AddPermissionsDialog } from '../../shared/pages/add-permissions-dialog.tsx'
import { addPermissions } from '../../shared/pages/text.ts'
import { common } from '../../shared/text.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure, useFailure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { userPermissions as text } from './text.ts'

export function PermissionsTab({ user }: { user: User }) {
  const can = useCan()
  const query = useUserPermissions(user.user_id)
  const change = useChangeUserPermissions(user.user_id)
  const toast = useToast()
  const failed = useFailure()
  const [assigning, setAssigning] = useState(false)
  const mayChange = can('update:users', 'read:resource_servers')
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const assign = mayChange && (
    <Button leftSection={<Icon name="plus" size={15} />} onClick={() => setAssigning(true)}>
      {text.assign}
    </Button>
  )
  const remove = (permission: UserPermission) => {
    const ref = {
      permission_name: permission.permission_name,
      resource_server_identifier: permission.resource_server_identifier,
    }
    const inherited = permission.sources.some(({ source_type }) => source_type === 'ROLE')
    const message = inherited ? text.stillHeld : text.removed
    change.mutate(
      { remove: [ref] },
      {
        onSuccess: () =>
          toast.done(message(permission.permission_name), () =>
            change.mutate({ add: [ref] }, { onError: failed }),
          ),
        onError: failed,
      },
    )
  }
  return (
    <Section title={text.title} description={text.hint} actions={query.data?.length !== 0 && assign}>
      <Table
        label={text.title}
        rows={query.data}
        rowKey={permissionKey}
        empty={
          <EmptyState icon="key" title={text.none} action={assign}>
            {text.noneBody}
          </EmptyState>
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
            header: addPermissions.api,
            wide: true,
            render: ({ resource_server_name }) => resource_server_name,
          },
          { key: 'source', header: text.source, render: (permission) => <Sources permission={permission} /> },
          {
            key: 'actions',
            header: common.remove,
            headerHidden: true,
            align: 'end',
            render: (permission) =>
              mayChange &&
              permission.sources.some(({ source_type }) => source_type === 'DIRECT') && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={text.remove(permission.permission_name)}
                  onClick={() => remove(permission)}
                >
                  <Icon name="trash" />
                </ActionIcon>
              ),
          },
        ]}
      />
      {assigning && (
        <AddPermissionsDialog
          title={text.assignTitle(user.email)}
          held={
            query.data?.filter(({ sources }) => sources.some((source) => source.source_type === 'DIRECT')) ??
            []
          }
          busy={change.isPending}
          onClose={() => setAssigning(false)}
          onAdd={(add) =>
            change.mutate(
              { add },
              {
                onSuccess: () => {
                  setAssigning(false)
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

function Sources({ permission: { sources } }: { permission: UserPermission }) {
  return (
    <span className="row">
      {sources.map(({ source_id, source_name, source_type }) =>
        source_type === 'DIRECT' ? (
          <Tag key="direct">{text.direct}</Tag>
        ) : (
          <Link key={source_id} to={`/roles/${source_id}`}>
            {source_name}
          </Link>
        ),
      )}
    </span>
  )
}
