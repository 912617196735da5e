import { Button, TextInput } from '@mantine/core'
import { useNavigate } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useForm } from '../../shared/forms/use-form.ts'
import { useVersionedSave } from '../../shared/forms/use-versioned-save.tsx'
import { type Role, useDeleteRole, useRole, useUpdateRole } from '../../shared/management/roles.ts'
import { common } from '../../shared/text.ts'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { ImpactNote } from '../../shared/ui/impact-note.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { roles } from './text.ts'

const labels = { name: common.name, description: common.description }

export function SettingsTab({ role, version }: { role: Role; version: string | undefined }) {
  const can = useCan()
  const update = useUpdateRole(role.id)
  const query = useRole(role.id)
  const form = useForm({
    key: `roles/${role.id}`,
    saved: toValues(role),
    version,
    validate: ({ name }) => ({ name: name.trim() ? undefined : common.required }),
  })
  const { submit, saving, dialog } = useVersionedSave({
    form,
    labels,
    save: ({ name, description }, ifMatch) =>
      update.mutateAsync({ name: name.trim(), description: description.trim(), ifMatch }),
    reload: async () => {
      const { data } = await query.refetch({ throwOnError: true })
      return { value: toValues(data?.value ?? role), version: data?.version }
    },
  })
  const mayChange = can('update:roles') && role.type !== 'system'
  return (
    <>
      <Section title={roles.details}>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <FormNotes form={form} readOnly={!mayChange} />
          <fieldset className="plain stack" disabled={!mayChange}>
            <TextInput {...form.text('name')} label={common.name} />
            <TextInput {...form.text('description')} label={common.description} />
            <div className="stack-tight">
              <span className="label">{roles.id}</span>
              <CopyText value={role.id} what={roles.id} />
            </div>
          </fieldset>
          {mayChange && (
            <div style={{ marginTop: 16 }}>
              <FormFooter form={form} saving={saving} />
            </div>
          )}
        </form>
      </Section>
      {can('delete:roles') && role.type !== 'system' && <DeleteRole role={role} />}
      {dialog}
    </>
  )
}

const toValues = ({ name, description }: Role) => ({ name, description })

function DeleteRole({ role }: { role: Role }) {
  const remove = useDeleteRole()
  const confirm = useConfirm()
  const navigate = useNavigate()
  const toast = useToast()
  const failed = useFailure()
  const run = async () => {
    const agreed = await confirm({
      title: roles.deleteTitle(role.name),
      body: <ImpactNote removal={{ role: role.id }} />,
      action: roles.delete,
    })
    if (!agreed) return
    remove.mutate(role.id, {
      onSuccess: () => {
        toast.done(roles.deleted(role.name))
        void navigate('/roles')
      },
      onError: failed,
    })
  }
  return (
    <Section
      danger
      title={roles.danger}
      description={roles.dangerHint}
      actions={
        <Button color="red" variant="outline" loading={remove.isPending} onClick={() => void run()}>
          {roles.delete}
        </Button>
      }
    />
  )
}
