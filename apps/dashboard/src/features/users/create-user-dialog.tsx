import { Switch, TextInput } from '@mantine/core'
import { email as emailSchema } from '@rolecall/contract'
import { useNavigate } from 'react-router'
import { ApiError } from '../../shared/api/api-error.ts'
import { addressField } from '../../shared/forms/address-field.ts'
import { PasswordField } from '../../shared/forms/password-field.tsx'
import { useForm } from '../../shared/forms/use-form.ts'
import { useCreateUser } from '../../shared/management/users.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { users } from './text.ts'

const blank = { email: '', password: '', email_verified: false }

export function CreateUserDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const create = useCreateUser()
  const navigate = useNavigate()
  const toast = useToast()
  const failed = useFailure()
  const form = useForm({
    key: 'users/new',
    saved: blank,
    secret: ['password'],
    validate: ({ email, password }) => ({
      email: emailSchema.safeParse(email.trim()).success ? undefined : users.invalidEmail,
      password: password ? undefined : common.required,
    }),
  })
  const submit = () => {
    if (!form.check()) return
    create.mutate(
      { ...form.values, email: form.values.email.trim() },
      {
        onSuccess: (user) => {
          form.reset()
          onClose()
          toast.done(users.created(user.email))
          void navigate(`/users/${encodeURIComponent(user.user_id)}/roles`)
        },
        onError: (error) => {
          if (error instanceof ApiError && error.statusCode === 409) form.showErrors({ email: error.message })
          else if (error instanceof ApiError && error.message.startsWith('Password'))
            form.showErrors({ password: error.message.replace(/^\w+Error: /, '') })
          else if (!form.showRefusal(error)) failed(error)
        },
      },
    )
  }
  return (
    <Dialog
      title={users.createTitle}
      opened={opened}
      onClose={onClose}
      action={{ label: common.create, busy: create.isPending, run: submit }}
    >
      <TextInput
        {...form.text('email')}
        label={users.email}
        {...addressField}
        autoComplete="off"
        placeholder="ada@example.com"
        data-autofocus
      />
      <PasswordField field={form.text('password')} onGenerate={(password) => form.set({ password })} />
      <Switch
        label={users.verified}
        description={users.verifiedHint}
        checked={form.values.email_verified}
        onChange={({ currentTarget: { checked } }) => form.set({ email_verified: checked })}
      />
    </Dialog>
  )
}
