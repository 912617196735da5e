import { Checkbox, Switch, Textarea, TextInput } from '@mantine/core'
import { isPublicClient } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import type { Form } from '../../shared/forms/use-form.ts'
import {
  type Client,
  useApplication,
  useDeleteApplication,
  useUpdateApplication,
} from '../../shared/management/applications.ts'
import { removals } from '../../shared/management/removals.ts'
import { DangerSection } from '../../shared/pages/danger-section.tsx'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { common } from '../../shared/text.ts'
import { Section } from '../../shared/ui/page.tsx'
import { Secret } from './secret.tsx'
import {
  grantTypes,
  isSecretless,
  labels,
  removedGrantTypes,
  toUpdate,
  toValues,
  type Values,
  validate,
} from './settings-form.ts'
import { applicationSettings as text } from './text.ts'

export function SettingsTab({ application }: { application: Client }) {
  const { client_id, name, is_system } = application
  const can = useCan()
  const query = useApplication(client_id)
  const update = useUpdateApplication(client_id)
  const remove = useDeleteApplication()
  return (
    <>
      {!isSecretless(application) && <Secret application={application} />}
      <VersionedForm
        draft={`applications/${client_id}`}
        query={query}
        labels={labels}
        toValues={toValues}
        validate={validate}
        question={({ values, base }) => {
          const removed = removedGrantTypes(base, values)
          return removed.length > 0
            ? {
                title: text.grantsTitle(name),
                body: text.grantsBody(removed),
                changes: [removals.grantTypes(client_id, values.grant_types)],
                action: common.save,
              }
            : undefined
        }}
        save={({ values, ifMatch }) => update.mutateAsync({ ...toUpdate(values), ifMatch })}
        mayChange={can('update:clients') && !is_system}
      >
        {(form) => <Fields form={form} application={application} />}
      </VersionedForm>
      {can('delete:clients') && !is_system && (
        <DangerSection
          text={text}
          id={client_id}
          name={name}
          remove={remove}
          change={removals.application(client_id)}
          consequences={text.dangerHint}
          list="/applications"
        />
      )}
    </>
  )
}

function Fields({ form, application }: { form: Form<Values>; application: Client }) {
  const { values, set } = form
  const lines = { autosize: true, minRows: 2, maxRows: 8, spellCheck: false }
  const machineFixed = (type: string) =>
    type === 'client_credentials' && isPublicClient(application) && !values.grant_types.includes(type)
  const interactive = values.grant_types.some((type) => type !== 'client_credentials')
  return (
    <>
      <Section title={text.basics}>
        <div className="columns">
          <TextInput {...form.text('name')} label={common.name} />
          <TextInput {...form.text('description')} label={text.description} />
        </div>
      </Section>
      {interactive && (
        <Section title={text.uris} description={text.urisHint}>
          <div className="columns">
            <Textarea
              {...form.text('callbacks')}
              {...lines}
              label={text.callbacks}
              description={text.callbacksHint}
            />
            <Textarea
              {...form.text('allowed_logout_urls')}
              {...lines}
              label={text.logout}
              description={text.logoutHint}
            />
            <Textarea
              {...form.text('web_origins')}
              {...lines}
              label={text.origins}
              description={text.originsHint}
            />
          </div>
        </Section>
      )}
      <Section title={text.grants} description={text.grantsHint}>
        <div className="columns">
          {grantTypes.map((type) => (
            <Checkbox
              key={type}
              label={text.grantNames[type]}
              checked={values.grant_types.includes(type)}
              {...(machineFixed(type) && { disabled: true, description: text.machineFixed })}
              onChange={({ currentTarget: { checked } }) =>
                set({
                  grant_types: checked
                    ? [...values.grant_types, type]
                    : values.grant_types.filter((other) => other !== type),
                })
              }
            />
          ))}
        </div>
      </Section>
      {values.grant_types.includes('refresh_token') && (
        <Section title={text.tokens}>
          <div className="columns">
            <Switch
              label={text.rotation}
              description={isSecretless(application) ? text.rotationFixed : text.rotationHint}
              checked={values.rotating}
              disabled={isSecretless(application) && values.rotating}
              onChange={({ currentTarget: { checked } }) => set({ rotating: checked })}
            />
            {values.rotating && (
              <>
                <TextInput {...form.text('token_lifetime')} label={text.lifetime} inputMode="numeric" />
                <TextInput {...form.text('idle_token_lifetime')} label={text.idle} inputMode="numeric" />
              </>
            )}
          </div>
        </Section>
      )}
    </>
  )
}
