import { Switch, TextInput } from '@mantine/core'
import { email as emailSchema } from '@rolecall/contract'
import { addressField } from '../../shared/forms/address-field.ts'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { passwordError } from '../../shared/forms/password-error.ts'
import { PasswordField } from '../../shared/forms/password-field.tsx'
import { useCreate } from '../../shared/forms/use-create.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import { usePasswordPolicy } from '../../shared/management/connections.ts'
import { useCreateUser } from '../../shared/management/users.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { users } from './text.ts'

const blank = { email: '', password: '', email_verified: false }

export function CreateUserDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { mutateAsync } = useCreateUser()
  const policy = usePasswordPolicy()
  const form = useForm({
    key: 'users/new',
    saved: blank,
    secret: ['password'],
    validate: ({ email, password }) => ({
      email: emailSchema.safeParse(email.trim()).success ? undefined : common.invalidEmail,
      password: password ? undefined : common.required,
    }),
  })
  const { submit, cancel, busy } = useCreate({
    form,
    create: (values) => mutateAsync({ ...values, email: values.email.trim() }),
    created: ({ user_id, email }) => ({
      message: users.created(email),
      page: `/users/${encodeURIComponent(user_id)}/roles`,
    }),
    refusalOf: (error) => {
      if (error.statusCode === 409) return { field: 'email', message: users.taken }
      const message = passwordError(error, policy)
      return message === undefined ? undefined : { field: 'password', message }
    },
    onClose,
  })
  return (
    <Dialog
      title={users.createTitle}
      opened={opened}
      onClose={cancel}
      action={{ label: common.create, busy, run: submit }}
    >
      <FormNotes form={form} />
      <TextInput
        {...form.text('email')}
        label={users.email}
        {...addressField}
        autoComplete="off"
        placeholder="ada@example.com"
        data-autofocus
      />
      <PasswordField
        field={form.text('password')}
        hint={users.passwordHint}
        policy={policy}
        onGenerate={(password) => form.set({ password })}
      />
      <Switch
        label={users.verified}
        description={users.verifiedHint}
        checked={form.values.email_verified}
        onChange={({ currentTarget: { checked } }) => form.set({ email_verified: checked })}
      />
    </Dialog>
  )
}
