import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useCan } from '../../shared/auth/session.ts'
import type { ResourceServer, Scope } from '../../shared/management/apis.ts'
import { type Role, useChangeRolePermissions, useCreateRole } from '../../shared/management/roles.ts'
import { useChangeUserRoles } from '../../shared/management/users.ts'
import { PermissionPicker } from '../../shared/ui/permission-picker.tsx'
import { NotAllowed } from './not-allowed.tsx'
import { tutorial } from './progress.ts'
import { Step, type StepProps } from './step.tsx'
import { StepError, StepForm } from './step-form.tsx'
import { getStarted as text } from './text.ts'

export function RoleStep({ progress: { role, done }, current }: StepProps) {
  const can = useCan()
  const create = useCreateRole()
  const words = text.steps.role
  return (
    <Step
      title={words.title}
      done={done.role}
      current={current === 'role'}
      result={role && { text: words.done(role.name), to: `/roles/${role.id}/settings` }}
    >
      <p>{words.body}</p>
      {can('create:roles') ? (
        <StepForm
          action={words.action}
          busy={create.isPending}
          error={create.error}
          onSubmit={(value) => create.mutate({ name: value('name'), description: value('description') })}
          fields={[
            { name: 'name', label: words.name, initial: tutorial.role.name },
            { name: 'description', label: words.description, initial: tutorial.role.description },
          ]}
        />
      ) : (
        <NotAllowed permission="create:roles" />
      )}
    </Step>
  )
}

export function GrantStep({ progress: { api, role, held, done }, current }: StepProps) {
  const can = useCan()
  const words = text.steps.grant
  return (
    <Step
      title={words.title}
      done={done.grant}
      current={current === 'grant'}
      result={role && { text: words.done(role.name, held.length), to: `/roles/${role.id}/permissions` }}
    >
      {api && role && (
        <>
          <p>{words.body(role.name, api.name)}</p>
          {can('update:roles') ? <Grant api={api} role={role} /> : <NotAllowed permission="update:roles" />}
        </>
      )}
    </Step>
  )
}

function Grant({ api, role }: { api: ResourceServer; role: Role }) {
  const change = useChangeRolePermissions(role.id)
  const scopes = api.scopes ?? []
  const [picked, setPicked] = useState<ReadonlySet<string>>(() => new Set(suggested(scopes)))
  const add = [...picked].map((permission_name) => ({
    permission_name,
    resource_server_identifier: api.identifier,
  }))
  return (
    <div>
      <PermissionPicker scopes={scopes} picked={picked} onPick={setPicked} />
      <Button
        mt={10}
        variant="filled"
        loading={change.isPending}
        disabled={picked.size === 0}
        onClick={() => change.mutate({ add })}
      >
        {text.steps.grant.action}
      </Button>
      <StepError error={change.error} />
    </div>
  )
}

/** The permission of the tutorial, or the only one. */
function suggested(scopes: Scope[]): string[] {
  const names = scopes.map(({ value }) => value)
  return names.length === 1 ? names : names.filter((name) => name === tutorial.permission.value)
}

export function AssignStep({ progress: { role, users, memberCount, done }, current }: StepProps) {
  const can = useCan()
  const change = useChangeUserRoles()
  const [chosen, setChosen] = useState<string>()
  const words = text.steps.assign
  const user = chosen ?? users[0]?.user_id
  return (
    <Step
      title={words.title}
      done={done.assign}
      current={current === 'assign'}
      result={role && { text: words.done(role.name, memberCount), to: `/roles/${role.id}/users` }}
    >
      <p>{words.body}</p>
      {can('update:users') ? (
        <div className="step-line">
          <NativeSelect
            label={words.user}
            value={user}
            data={users.map(({ user_id, email }) => ({ value: user_id, label: email }))}
            onChange={({ currentTarget: { value } }) => setChosen(value)}
          />
          <Button
            variant="filled"
            style={{ justifySelf: 'start' }}
            loading={change.isPending}
            onClick={() => role && user && change.mutate({ id: user, add: [role.id] })}
          >
            {words.action}
          </Button>
          <StepError error={change.error} />
        </div>
      ) : (
        <NotAllowed permission="update:users" />
      )}
    </Step>
  )
}
