import { Checkbox } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import type { Form } from '../../shared/forms/use-form.ts'
import { useLogInApplications } from '../../shared/management/applications.ts'
import { useChangeConnection, useConnection } from '../../shared/management/connections.ts'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Section } from '../../shared/ui/page.tsx'
import '../../shared/ui/permission-picker.css'
import { enabledApplications as text } from './text.ts'

interface Values {
  clients: string[]
}

/** Where users can log in with a connection. */
export function ApplicationsTab({ id }: { id: string }) {
  const can = useCan()
  const query = useConnection(id)
  const change = useChangeConnection(id)
  return (
    <VersionedForm<NonNullable<typeof query.data>['value'], Values>
      draft={`connections/${id}/applications`}
      query={query}
      labels={{ clients: text.field }}
      toValues={({ enabled_clients: clients }) => ({ clients: clients.toSorted() })}
      save={({ values, ifMatch }) => change.mutateAsync({ enabled_clients: values.clients, ifMatch })}
      mayChange={can('update:connections')}
    >
      {(form) => <Applications form={form} />}
    </VersionedForm>
  )
}

function Applications({ form }: { form: Form<Values> }) {
  const query = useLogInApplications()
  const enabled = new Set(form.values.clients)
  const set = (id: string, checked: boolean) => {
    const next = checked ? enabled.union(new Set([id])) : enabled.difference(new Set([id]))
    form.set({ clients: [...next].toSorted() })
  }
  return (
    <Section title={text.title} description={text.hint}>
      <Loaded query={query}>
        {(applications) =>
          applications.length === 0 ? (
            <p className="dim">{text.none}</p>
          ) : (
            <ul className="picker-list">
              {applications.map(({ client_id: id, name, is_system: isSystem }) => (
                <li key={id}>
                  <Checkbox
                    label={name}
                    description={isSystem && text.system}
                    checked={enabled.has(id)}
                    onChange={({ currentTarget: { checked } }) => set(id, checked)}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}
