import { Button } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import { isRfc9068, tokenDialect, useCreateApi, useUpdateApi } from '../../shared/management/apis.ts'
import { NotAllowed } from './not-allowed.tsx'
import { tutorial } from './progress.ts'
import { Step, type StepProps } from './step.tsx'
import { StepError, StepForm } from './step-form.tsx'
import { getStarted as text } from './text.ts'

export function ApiStep({ progress: { api, done }, current }: StepProps) {
  const can = useCan()
  const create = useCreateApi()
  const words = text.steps.api
  return (
    <Step
      title={words.title}
      done={done.api}
      current={current === 'api'}
      result={api && { text: words.done(api.name), to: `/apis/${api.id}` }}
    >
      <p>{words.body}</p>
      {can('create:resource_servers') ? (
        <StepForm
          action={words.action}
          busy={create.isPending}
          error={create.error}
          onSubmit={(value) => create.mutate({ name: value('name'), identifier: value('identifier') })}
          fields={[
            { name: 'name', label: words.name, initial: tutorial.api.name },
            { name: 'identifier', label: words.identifier, initial: tutorial.api.identifier },
          ]}
        />
      ) : (
        <NotAllowed permission="create:resource_servers" />
      )}
    </Step>
  )
}

export function RbacStep({ progress: { api, done }, current }: StepProps) {
  const can = useCan()
  const update = useUpdateApi(api?.id ?? '')
  const words = text.steps.rbac
  return (
    <Step
      title={words.title}
      done={done.rbac}
      current={current === 'rbac'}
      result={api && { text: words.done, to: `/apis/${api.id}/settings` }}
    >
      <p>{words.body}</p>
      {can('update:resource_servers') ? (
        <div>
          <Button
            variant="filled"
            loading={update.isPending}
            onClick={() =>
              api &&
              update.mutate({
                enforce_policies: true,
                token_dialect: tokenDialect({ rfc9068: isRfc9068(api), addsPermissions: true }),
              })
            }
          >
            {words.action}
          </Button>
          <StepError error={update.error} />
        </div>
      ) : (
        <NotAllowed permission="update:resource_servers" />
      )}
    </Step>
  )
}

export function PermissionStep({ progress: { api, done }, current }: StepProps) {
  const can = useCan()
  const update = useUpdateApi(api?.id ?? '')
  const words = text.steps.permission
  return (
    <Step
      title={words.title}
      done={done.permission}
      current={current === 'permission'}
      result={api && { text: words.done(api.scopes?.length ?? 0), to: `/apis/${api.id}/permissions` }}
    >
      <p>{words.body}</p>
      {can('update:resource_servers') ? (
        <StepForm
          action={words.action}
          busy={update.isPending}
          error={update.error}
          onSubmit={(value) =>
            update.mutate({
              scopes: [...(api?.scopes ?? []), { value: value('value'), description: value('description') }],
            })
          }
          fields={[
            { name: 'value', label: words.value, initial: tutorial.permission.value },
            { name: 'description', label: words.description, initial: tutorial.permission.description },
          ]}
        />
      ) : (
        <NotAllowed permission="update:resource_servers" />
      )}
    </Step>
  )
}
