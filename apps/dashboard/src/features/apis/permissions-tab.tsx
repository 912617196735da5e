import { ActionIcon, Button, TextInput } from '@mantine/core'
import { isReservedScope, reservedScopeMessage } from '@rolecall/contract'
import { useState } from 'react'
import { useCan } from '../../shared/auth/session.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import { type ResourceServer, type Scope, useUpdateApi } from '../../shared/management/apis.ts'
import { includesText, sameButForCase } from '../../shared/match.ts'
import { common } from '../../shared/text.ts'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { ImpactNote } from '../../shared/ui/impact-note.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { EditPermissionDialog } from './edit-permission-dialog.tsx'
import { apiPermissions as text } from './text.ts'

const searchFrom = 12

export function PermissionsTab({ api, version }: { api: ResourceServer; version: string | undefined }) {
  const can = useCan()
  const update = useUpdateApi(api.id)
  const confirm = useConfirm()
  const toast = useToast()
  const failed = useFailure()
  const [filter, setFilter] = useState('')
  const [editing, setEditing] = useState<Scope>()
  const scopes = api.scopes ?? []
  const mayChange = can('update:resource_servers') && !api.is_system

  const remove = async (scope: Scope) => {
    const agreed = await confirm({
      title: text.removeTitle(scope.value),
      body: <ImpactNote removal={{ api: api.id, permission: scope.value }} />,
      action: common.remove,
    })
    if (!agreed) return
    update.mutate(
      { scopes: scopes.filter(({ value }) => value !== scope.value), ifMatch: version },
      { onSuccess: () => toast.done(text.removed(scope.value)), onError: failed },
    )
  }
  const shown = scopes.filter(({ value, description }) => includesText(`${value} ${description}`, filter))
  return (
    <>
      {mayChange && <AddPermission api={api} version={version} />}
      <Section title={text.title} description={text.hint}>
        {scopes.length > searchFrom && (
          <div className="toolbar">
            <SearchField label={text.search} value={filter} onChange={setFilter} />
          </div>
        )}
        <Table
          label={text.title}
          rows={shown}
          rowKey={({ value }) => value}
          empty={
            filter ? (
              <EmptyState icon="search" title={common.noMatch(filter)} />
            ) : (
              <EmptyState icon="key" title={text.none}>
                {mayChange && text.noneBody}
              </EmptyState>
            )
          }
          columns={[
            { key: 'value', header: text.value, render: ({ value }) => <code>{value}</code> },
            { key: 'description', header: text.description, render: ({ description }) => description },
            {
              key: 'actions',
              header: common.edit,
              headerHidden: true,
              align: 'end',
              render: (scope) =>
                mayChange && (
                  <>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={text.edit(scope.value)}
                      onClick={() => setEditing(scope)}
                    >
                      <Icon name="edit" />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={text.remove(scope.value)}
                      onClick={() => void remove(scope)}
                    >
                      <Icon name="trash" />
                    </ActionIcon>
                  </>
                ),
            },
          ]}
        />
      </Section>
      {editing && (
        <EditPermissionDialog
          api={api}
          version={version}
          scope={editing}
          onClose={() => setEditing(undefined)}
        />
      )}
    </>
  )
}

function AddPermission({ api, version }: { api: ResourceServer; version: string | undefined }) {
  const update = useUpdateApi(api.id)
  const toast = useToast()
  const failed = useFailure()
  const scopes = api.scopes ?? []
  const form = useForm({
    key: `apis/${api.id}/permission`,
    saved: { value: '', description: '' },
    validate: ({ value, description }) => ({
      value: valueError(value.trim(), scopes),
      description: description.trim() ? undefined : common.required,
    }),
  })
  const twin = sameButForCase(
    form.values.value.trim(),
    scopes.map(({ value }) => value),
  )
  const add = () => {
    if (!form.check()) return
    const scope = { value: form.values.value.trim(), description: form.values.description.trim() }
    update.mutate(
      { scopes: [...scopes, scope], ifMatch: version },
      {
        onSuccess: () => {
          form.reset()
          toast.done(text.added(scope.value))
        },
        onError: failed,
      },
    )
  }
  return (
    <Section title={text.add}>
      <form
        noValidate
        className="add-line"
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <TextInput
          {...form.text('value')}
          label={text.value}
          description={twin && common.caseMatters(twin)}
          placeholder="read:admin-messages"
          spellCheck={false}
        />
        <TextInput {...form.text('description')} label={text.description} placeholder="Read admin messages" />
        <Button type="submit" variant="filled" loading={update.isPending}>
          {common.add}
        </Button>
      </form>
    </Section>
  )
}

function valueError(value: string, scopes: Scope[]): string | undefined {
  if (!value) return common.required
  if (!/^[\x21\x23-\x5B\x5D-\x7E]{1,280}$/.test(value)) return text.format
  if (scopes.some((scope) => scope.value === value)) return text.taken
  return isReservedScope(value) ? reservedScopeMessage(value) : undefined
}
