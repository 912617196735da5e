import { TextInput } from '@mantine/core'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useCreate } from '../../shared/forms/use-create.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import { type Role, useCreateRole, useRolePermissions } from '../../shared/management/roles.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { roles } from './text.ts'

interface Props {
  opened: boolean
  onClose: () => void
  /** The role whose description and permissions the new one begins with. */
  copyOf?: Role
}

export function CreateRoleDialog({ opened, onClose, copyOf }: Props) {
  const { mutateAsync } = useCreateRole()
  const permissions = useRolePermissions(opened ? copyOf?.id : undefined)
  const form = useForm({
    key: copyOf ? `roles/${copyOf.id}/copy` : 'roles/new',
    saved: { name: '', description: copyOf?.description ?? '' },
    validate: ({ name }) => ({ name: name.trim() ? undefined : common.required }),
  })
  const { submit, cancel, busy } = useCreate({
    form,
    create: ({ name, description }) =>
      mutateAsync({
        name: name.trim(),
        description: description.trim(),
        permissions: permissions.data ?? [],
      }),
    created: ({ id, name }) => ({ message: roles.created(name), page: `/roles/${id}/permissions` }),
    refusalOf: ({ statusCode }) => (statusCode === 409 ? { field: 'name', message: roles.taken } : undefined),
    onClose,
  })
  return (
    <Dialog
      title={copyOf ? roles.copyTitle(copyOf.name) : roles.createTitle}
      opened={opened}
      onClose={cancel}
      action={{ label: common.create, busy: busy || permissions.isLoading, run: submit }}
    >
      <FormNotes form={form} />
      {permissions.data && <p className="dim">{roles.copies(permissions.data.length)}</p>}
      <TextInput {...form.text('name')} label={common.name} placeholder="messages-admin" data-autofocus />
      <TextInput
        {...form.text('description')}
        label={common.description}
        placeholder="Access admin messaging features"
      />
    </Dialog>
  )
}
