import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import type { Form } from '../../shared/forms/use-form.ts'
import { useChangeConnection, useConnection } from '../../shared/management/connections.ts'
import { useRoles } from '../../shared/management/roles.ts'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { IconButton } from '../../shared/ui/buttons.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import './role-mapping.css'
import {
  type MappingRow,
  type MappingValues,
  mappingOf,
  mappingValues,
  rolesTaken,
  validateMapping,
} from './role-mapping.ts'
import { roleMapping as text } from './text.ts'

/** Which claim of a provider gives which roles. */
export function RoleMappingTab({ id }: { id: string }) {
  const can = useCan()
  const query = useConnection(id)
  const change = useChangeConnection(id)
  const mayChange = can('update:connections')
  return (
    <VersionedForm<NonNullable<typeof query.data>['value'], MappingValues>
      draft={`connections/${id}/roles`}
      query={query}
      labels={{ claim: text.claim, rows: text.rows }}
      toValues={mappingValues}
      validate={validateMapping}
      question={({ values, base }) => {
        const taken = rolesTaken(base, values)
        return taken.length === 0
          ? undefined
          : { title: text.takeTitle, body: text.takeBody(taken), action: text.takeAction }
      }}
      save={({ values, resource: { options }, ifMatch }) =>
        change.mutateAsync({ options: { ...options, role_mapping: mappingOf(values) }, ifMatch })
      }
      mayChange={mayChange}
    >
      {(form) => <Mapping form={form} mayChange={mayChange} />}
    </VersionedForm>
  )
}

function Mapping({ form, mayChange }: { form: Form<MappingValues>; mayChange: boolean }) {
  const { rows } = form.values
  const { data: roles = [] } = useRoles()
  const names = roles.map(({ name }) => name)
  const set = (index: number, part: Partial<MappingRow>) =>
    form.set({ rows: rows.map((row, at) => (at === index ? { ...row, ...part } : row)) })
  return (
    <Section
      title={text.title}
      description={text.hint}
      actions={
        mayChange && (
          <Button onClick={() => form.set({ rows: [...rows, { value: '', role: '' }] })}>{text.add}</Button>
        )
      }
    >
      <div className="stack">
        <Callout>{text.may}</Callout>
        <TextInput
          {...form.text('claim')}
          label={text.claim}
          description={text.claimHint}
          spellCheck={false}
          style={{ maxWidth: 420 }}
        />
        {rows.length === 0 && <p className="dim">{text.none}</p>}
        {rows.length > 0 && (
          <ul className="mapping" aria-label={text.rows}>
            {rows.map((row, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- a row has no identity but its place.
              <li key={index}>
                <TextInput
                  label={text.value}
                  value={row.value}
                  spellCheck={false}
                  onChange={({ currentTarget: { value } }) => set(index, { value })}
                />
                <NativeSelect
                  label={text.role}
                  value={row.role}
                  data={[
                    { value: '', label: text.chooseRole },
                    ...new Set([...names, ...(row.role ? [row.role] : [])]),
                  ]}
                  onChange={({ currentTarget: { value } }) => set(index, { role: value })}
                />
                {mayChange && (
                  <IconButton
                    icon="trash"
                    label={text.remove(index + 1)}
                    onClick={() => form.set({ rows: rows.filter((_, at) => at !== index) })}
                  />
                )}
              </li>
            ))}
          </ul>
        )}
        {form.errors.rows && <Callout tone="danger">{form.errors.rows}</Callout>}
      </div>
    </Section>
  )
}
