import { TextInput } from '@mantine/core'
import { useNavigate } from 'react-router'
import { ApiError } from '../../shared/api/api-error.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import { useCreateRole } from '../../shared/management/roles.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { roles } from './text.ts'

const blank = { name: '', description: '' }

export function CreateRoleDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const create = useCreateRole()
  const navigate = useNavigate()
  const toast = useToast()
  const failed = useFailure()
  const form = useForm({
    key: 'roles/new',
    saved: blank,
    validate: ({ name }) => ({ name: name.trim() ? undefined : common.required }),
  })
  const submit = () => {
    if (!form.check()) return
    const { name, description } = form.values
    create.mutate(
      { name: name.trim(), description: description.trim() },
      {
        onSuccess: (role) => {
          form.reset()
          onClose()
          toast.done(roles.created(role.name))
          void navigate(`/roles/${role.id}/permissions`)
        },
        onError: (error) => {
          if (error instanceof ApiError && error.statusCode === 409) form.showErrors({ name: error.message })
          else if (!form.showRefusal(error)) failed(error)
        },
      },
    )
  }
  return (
    <Dialog
      title={roles.createTitle}
      opened={opened}
      onClose={onClose}
      action={{ label: common.create, busy: create.isPending, run: submit }}
    >
      <TextInput {...form.text('name')} label={common.name} placeholder="messages-admin" data-autofocus />
      <TextInput
        {...form.text('description')}
        label={common.description}
        placeholder="Access admin messaging features"
      />
    </Dialog>
  )
}
