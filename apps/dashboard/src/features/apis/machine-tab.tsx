import { Button, Switch } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import type { ResourceServer } from '../../shared/management/apis.ts'
import {
  type Client,
  useApplications,
  useChangeGrant,
  useGrants,
} from '../../shared/management/applications.ts'
import { common } from '../../shared/text.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { type Grant, GrantDialog } from './grant-dialog.tsx'
import { machine as text } from './text.ts'

interface Row {
  application: Client
  grant: Grant | undefined
}

export function MachineTab({ api }: { api: ResourceServer }) {
  const can = useCan()
  const applications = useApplications()
  const grants = useGrants({ audience: api.identifier })
  const change = useChangeGrant()
  const act = useAction()
  const [editing, setEditing] = useState<Row & { grant: Grant }>()

  const authorize = ({ client_id, name }: Client) =>
    act({
      run: () => change.mutateAsync({ client_id, audience: api.identifier, scope: [] }),
      done: text.granted(name),
    })
  const revoke = ({ name }: Client, { id }: Grant) =>
    act({
      question: { title: text.revokeTitle(name), body: text.revokeBody, action: text.revoke },
      run: () => change.mutateAsync({ id }),
      done: text.revoked(name),
    })

  const failure = applications.error ?? grants.error
  if (failure)
    return (
      <Failure error={failure} onRetry={() => void Promise.all([applications.refetch(), grants.refetch()])} />
    )
  const rows =
    grants.data &&
    applications.data
      ?.filter(({ grant_types = [] }) => grant_types.includes('client_credentials'))
      .map((application): Row => {
        const grant = grants.data.find(
          ({ client_id, subject_type }) => client_id === application.client_id && subject_type === 'client',
        )
        return { application, grant }
      })
  return (
    <Section title={text.title} description={text.hint}>
      <Table
        label={text.title}
        rows={rows}
        rowKey={({ application }) => application.client_id}
        empty={
          <EmptyState
            icon="application"
            title={text.none}
            action={
              can('create:clients') && <Link to="/applications?create=non_interactive">{text.create}</Link>
            }
          >
            {text.noneBody}
          </EmptyState>
        }
        columns={[
          {
            key: 'name',
            header: common.name,
            render: ({ application: { client_id, name } }) => (
              <Link className="table-link" to={`/applications/${client_id}`}>
                {name}
              </Link>
            ),
          },
          {
            key: 'authorized',
            header: text.authorized,
            render: ({ application, grant }) => (
              <Switch
                aria-label={text.authorize(application.name)}
                checked={grant !== undefined}
                disabled={
                  change.isPending ||
                  grant?.is_system === true ||
                  !can(grant ? 'delete:client_grants' : 'create:client_grants')
                }
                onChange={() => void (grant ? revoke(application, grant) : authorize(application))}
              />
            ),
          },
          {
            key: 'permissions',
            header: text.permissions,
            render: ({ grant }) => grant && text.ofAll(grant.scope.length, api.scopes?.length ?? 0),
          },
          {
            key: 'actions',
            header: common.edit,
            headerHidden: true,
            align: 'end',
            render: ({ application, grant }) =>
              grant &&
              !grant.is_system &&
              can('update:client_grants') && (
                <Button size="compact-sm" onClick={() => setEditing({ application, grant })}>
                  {text.edit}
                </Button>
              ),
          },
        ]}
      />
      {editing && <GrantDialog api={api} {...editing} onClose={() => setEditing(undefined)} />}
    </Section>
  )
}
