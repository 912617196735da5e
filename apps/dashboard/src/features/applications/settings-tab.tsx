import { Checkbox, Switch, Textarea, TextInput } from '@mantine/core'
import { isPublicClient } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useForm } from '../../shared/forms/use-form.ts'
import { useVersionedSave } from '../../shared/forms/use-versioned-save.tsx'
import { type Client, useApplication, useUpdateApplication } from '../../shared/management/applications.ts'
import { common } from '../../shared/text.ts'
import { Section } from '../../shared/ui/page.tsx'
import { DeleteApplication } from './delete-application.tsx'
import { Secret } from './secret.tsx'
import {
  grantTypes,
  isSecretless,
  labels,
  toUpdate,
  toValues,
  type Values,
  validate,
} from './settings-form.ts'
import { applicationSettings as text } from './text.ts'

export function SettingsTab({ application, version }: { application: Client; version: string | undefined }) {
  const can = useCan()
  const update = useUpdateApplication(application.client_id)
  const query = useApplication(application.client_id)
  const form = useForm<Values>({
    key: `applications/${application.client_id}`,
    saved: toValues(application),
    version,
    validate,
  })
  const { submit, saving, dialog } = useVersionedSave({
    form,
    labels,
    save: (values, ifMatch) => update.mutateAsync({ ...toUpdate(values), ifMatch }),
    reload: async () => {
      const { data } = await query.refetch({ throwOnError: true })
      return { value: toValues(data?.value ?? application), version: data?.version }
    },
  })
  const { values, set } = form
  const mayChange = can('update:clients') && !application.is_system
  const lines = { autosize: true, minRows: 2, maxRows: 8, spellCheck: false }
  const machineFixed = (type: string) =>
    type === 'client_credentials' && isPublicClient(application) && !values.grant_types.includes(type)
  const interactive = values.grant_types.some((type) => type !== 'client_credentials')
  return (
    <>
      {!isSecretless(application) && <Secret application={application} />}
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <FormNotes form={form} readOnly={!mayChange} />
        <fieldset className="plain" disabled={!mayChange}>
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
        </fieldset>
        {mayChange && <FormFooter form={form} saving={saving} />}
      </form>
      {can('delete:clients') && !application.is_system && <DeleteApplication application={application} />}
      {dialog}
    </>
  )
}
