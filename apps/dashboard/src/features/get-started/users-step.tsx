import { Button, TextInput } from '@mantine/core'
import { email as emailSchema } from '@rolecall/contract'
import { ApiError } from '../../shared/api/api-error.ts'
import { useCan } from '../../shared/auth/session.ts'
import { addressField } from '../../shared/forms/address-field.ts'
import { passwordError } from '../../shared/forms/password-error.ts'
import { PasswordField } from '../../shared/forms/password-field.tsx'
import { useForm } from '../../shared/forms/use-form.ts'
import { usePasswordPolicy } from '../../shared/management/connections.ts'
import { useCreateUser } from '../../shared/management/users.ts'
import { common } from '../../shared/text.ts'
import { NotAllowed } from './not-allowed.tsx'
import { Step, type StepProps } from './step.tsx'
import { StepError } from './step-form.tsx'
import { getStarted as text } from './text.ts'

export function UsersStep({ progress: { userCount, done }, current }: StepProps) {
  const can = useCan()
  const words = text.steps.users
  return (
    <Step
      title={words.title}
      done={done.users}
      current={current === 'users'}
      result={{ text: words.done(userCount), to: '/users' }}
    >
      <p>{userCount === 1 ? words.some : words.body}</p>
      {can('create:users') ? <NewUser key={userCount} /> : <NotAllowed permission="create:users" />}
    </Step>
  )
}

const blank = { email: '', password: '' }

function NewUser() {
  const create = useCreateUser()
  const policy = usePasswordPolicy()
  const words = text.steps.users
  const form = useForm({
    key: 'get-started/user',
    saved: blank,
    secret: ['password'],
    validate: ({ email, password }) => ({
      email: emailSchema.safeParse(email.trim()).success ? undefined : common.invalidEmail,
      password: password ? undefined : common.required,
    }),
  })
  const submit = () => {
    if (form.check())
      create.mutate(
        { ...form.values, email: form.values.email.trim(), email_verified: true },
        {
          onSuccess: form.reset,
          onError: (error) => {
            const message = error instanceof ApiError ? passwordError(error, policy) : undefined
            if (message !== undefined) form.showError('password', message)
          },
        },
      )
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div className="step-line">
        <TextInput {...form.text('email')} label={words.email} {...addressField} autoComplete="off" />
        <PasswordField
          field={form.text('password')}
          policy={policy}
          onGenerate={(password) => form.set({ password })}
        />
        <Button type="submit" variant="filled" loading={create.isPending}>
          {words.action}
        </Button>
      </div>
      <StepError error={form.errors.password ? null : create.error} />
    </form>
  )
}
