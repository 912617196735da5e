import { Button, TextInput } from '@mantine/core'
import { isReservedScope, reservedScopeMessage } from '@rolecall/contract'
import { useState } from 'react'
import { useCan } from '../../shared/auth/session.ts'
import { explainLinks } from '../../shared/explain-links.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import { type ResourceServer, type Scope, useApiById, useUpdateApi } from '../../shared/management/apis.ts'
import { useMayAsk } from '../../shared/management/explain.ts'
import { removals } from '../../shared/management/removals.ts'
import { byName, sameButForCase } from '../../shared/match.ts'
import { PermissionTable } from '../../shared/pages/permission-table.tsx'
import { common } from '../../shared/text.ts'
import { IconButton } from '../../shared/ui/buttons.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import type { Column } from '../../shared/ui/table.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { EditPermissionDialog } from './edit-permission-dialog.tsx'
import { apiPermissions as text } from './text.ts'

const byValue = byName<Scope>(({ value }) => value)

export function PermissionsTab({ api, version }: { api: ResourceServer; version: string | undefined }) {
  const can = useCan()
  const query = useApiById(api.id)
  const update = useUpdateApi(api.id)
  const act = useAction()
  const { who } = useMayAsk()
  const [editing, setEditing] = useState<Scope>()
  const scopes = api.scopes ?? []
  const mayChange = can('update:resource_servers') && !api.is_system

  const remove = ({ value: permission }: Scope) => {
    const left = { scopes: scopes.filter(({ value }) => value !== permission) }
    return act({
      question: {
        title: text.removeTitle(permission),
        body: text.removeBody,
        changes: [removals.changeApi(api.id, left)],
        action: common.remove,
      },
      run: () => update.mutateAsync({ ...left, ifMatch: version }),
      done: text.removed(permission),
    })
  }
  const edit: Column<Scope> = {
    key: 'edit',
    header: common.edit,
    headerHidden: true,
    align: 'end',
    render: (scope) => (
      <IconButton icon="edit" label={text.edit(scope.value)} onClick={() => setEditing(scope)} />
    ),
  }
  return (
    <>
      {mayChange && <AddPermission api={api} version={version} />}
      <PermissionTable
        text={mayChange ? text : { ...text, noneBody: undefined }}
        query={query}
        rows={scopes.toSorted(byValue)}
        rowKey={({ value }) => value}
        nameOf={({ value }) => value}
        question={
          who && {
            kind: 'who',
            at: ({ value }) => explainLinks.who({ api: api.identifier, permission: value }),
          }
        }
        columns={mayChange ? [edit] : []}
        remove={mayChange && { label: ({ value }) => text.remove(value), run: remove, icon: 'trash' }}
      />
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
