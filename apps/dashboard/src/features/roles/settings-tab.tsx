import { TextInput } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import { removals } from '../../shared/management/removals.ts'
import { type Role, useDeleteRole, useRole, useUpdateRole } from '../../shared/management/roles.ts'
import { DangerSection } from '../../shared/pages/danger-section.tsx'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { common } from '../../shared/text.ts'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { roles } from './text.ts'

export function SettingsTab({ role: { id, name, type } }: { role: Role }) {
  const can = useCan()
  const update = useUpdateRole(id)
  const remove = useDeleteRole()
  const query = useRole(id)
  return (
    <>
      <VersionedForm
        draft={`roles/${id}`}
        query={query}
        labels={{ name: common.name, description: common.description }}
        toValues={(role) => ({ name: role.name, description: role.description })}
        validate={(values) => ({ name: values.name.trim() ? undefined : common.required })}
        save={({ values, ifMatch }) =>
          update.mutateAsync({ name: values.name.trim(), description: values.description.trim(), ifMatch })
        }
        mayChange={can('update:roles') && type !== 'system'}
      >
        {(form) => (
          <Section title={roles.details}>
            <div className="stack">
              <TextInput {...form.text('name')} label={common.name} />
              <TextInput {...form.text('description')} label={common.description} />
              <div className="stack-tight">
                <span className="label">{roles.id}</span>
                <CopyText value={id} what={roles.id} />
              </div>
            </div>
          </Section>
        )}
      </VersionedForm>
      {can('delete:roles') && type !== 'system' && (
        <DangerSection
          text={roles}
          id={id}
          name={name}
          remove={remove}
          change={removals.role(id)}
          list="/roles"
        />
      )}
    </>
  )
}
