import { Button, Switch } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import { useCan } from '../auth/session.ts'
import type { ResourceServer } from '../management/apis.ts'
import { type Client, useChangeGrant } from '../management/applications.ts'
import { removals } from '../management/removals.ts'
import { common } from '../text.ts'
import { Table } from '../ui/table.tsx'
import { useAction } from '../ui/use-action.ts'
import { type Grant, GrantDialog } from './grant-dialog.tsx'
import { grants as text } from './text.ts'

export interface GrantRow {
  /** The side of the grant that differs from row to row. */
  name: string
  to: string
  application: Client
  api: ResourceServer
  grant: Grant | undefined
}

/** Which application may request what of which API for itself: of one API, or of one application. */
export function GrantTable({
  label,
  rows,
  empty,
}: {
  label: string
  rows: GrantRow[] | undefined
  empty: ReactNode
}) {
  const can = useCan()
  const change = useChangeGrant()
  const act = useAction()
  const [editing, setEditing] = useState<GrantRow & { grant: Grant }>()

  const authorize = ({ application: { client_id, name }, api }: GrantRow) =>
    act({
      run: () => change.mutateAsync({ client_id, audience: api.identifier, scope: [] }),
      done: text.granted(name, api.name),
    })
  const revoke = ({ application: { name }, api }: GrantRow, { id }: Grant) =>
    act({
      question: {
        title: text.revokeTitle(name, api.name),
        body: text.revokeBody,
        changes: [removals.grant(id)],
        action: text.revoke,
      },
      run: () => change.mutateAsync({ id }),
      done: text.revoked(name, api.name),
    })
  const isFixed = (grant: Grant | undefined) =>
    change.isPending ||
    grant?.is_system === true ||
    !can(grant ? 'delete:client_grants' : 'create:client_grants')

  return (
    <>
      <Table
        label={label}
        rows={rows}
        rowKey={({ to }) => to}
        empty={empty}
        columns={[
          {
            key: 'name',
            header: common.name,
            render: ({ name, to, grant, api }) => (
              <>
                <Link className="table-link" to={to}>
                  {name}
                </Link>
                <span className="narrow-only dim small">{countOf(grant, api)}</span>
              </>
            ),
          },
          {
            key: 'authorized',
            header: text.authorized,
            render: (row) => (
              <Switch
                aria-label={text.authorize(row.name)}
                checked={row.grant !== undefined}
                disabled={isFixed(row.grant)}
                onChange={() => void (row.grant ? revoke(row, row.grant) : authorize(row))}
              />
            ),
          },
          {
            key: 'permissions',
            header: text.permissions,
            wide: true,
            render: ({ grant, api }) => countOf(grant, api),
          },
          {
            key: 'actions',
            header: common.edit,
            headerHidden: true,
            align: 'end',
            render: ({ grant, ...row }) =>
              grant &&
              !grant.is_system &&
              can('update:client_grants') && (
                <Button size="compact-sm" onClick={() => setEditing({ ...row, grant })}>
                  {text.edit}
                </Button>
              ),
          },
        ]}
      />
      {editing && (
        <GrantDialog
          api={editing.api}
          application={editing.application}
          grant={editing.grant}
          onClose={() => setEditing(undefined)}
        />
      )}
    </>
  )
}

/** How many of the permissions of the API are granted. */
const countOf = (grant: Grant | undefined, api: ResourceServer) =>
  grant && text.ofAll(grant.scope.length, api.scopes?.length ?? 0)
