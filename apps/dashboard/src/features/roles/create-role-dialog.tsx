import { TextInput } from '@mantine/core'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useCreate } from '../../shared/forms/use-create.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import { useCreateRole } from '../../shared/management/roles.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { roles } from './text.ts'

const blank = { name: '', description: '' }

export function CreateRoleDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { mutateAsync } = useCreateRole()
  const form = useForm({
    key: 'roles/new',
    saved: blank,
    validate: ({ name }) => ({ name: name.trim() ? undefined : common.required }),
  })
  const { submit, cancel, busy } = useCreate({
    form,
    create: ({ name, description }) => mutateAsync({ name: name.trim(), description: description.trim() }),
    created: ({ id, name }) => ({ message: roles.created(name), page: `/roles/${id}/permissions` }),
    refusalOf: ({ statusCode }) => (statusCode === 409 ? { field: 'name', message: roles.taken } : undefined),
    onClose,
  })
  return (
    <Dialog
      title={roles.createTitle}
      opened={opened}
      onClose={cancel}
      action={{ label: common.create, busy, run: submit }}
    >
      <FormNotes form={form} />
      <TextInput {...form.text('name')} label={common.name} placeholder="messages-admin" data-autofocus />
      <TextInput
        {...form.text('description')}
        label={common.description}
        placeholder="Access admin messaging features"
      />
    </Dialog>
  )
}
