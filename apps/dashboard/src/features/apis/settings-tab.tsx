import { NativeSelect, Switch, TextInput } from '@mantine/core'
import { signingAlgs } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useForm } from '../../shared/forms/use-form.ts'
import { useVersionedSave } from '../../shared/forms/use-versioned-save.tsx'
import { type ResourceServer, useApiById, useUpdateApi } from '../../shared/management/apis.ts'
import { common } from '../../shared/text.ts'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { DeleteApi } from './delete-api.tsx'
import { labels, toUpdate, toValues, type Values, validate } from './settings-form.ts'
import { apiSettings as text } from './text.ts'

export function SettingsTab({ api, version }: { api: ResourceServer; version: string | undefined }) {
  const can = useCan()
  const update = useUpdateApi(api.id)
  const query = useApiById(api.id)
  const form = useForm<Values>({ key: `apis/${api.id}`, saved: toValues(api), version, validate })
  const { submit, saving, dialog } = useVersionedSave({
    form,
    labels,
    save: (values, ifMatch) => update.mutateAsync({ ...toUpdate(values), ifMatch }),
    reload: async () => {
      const { data } = await query.refetch({ throwOnError: true })
      return { value: toValues(data?.value ?? api), version: data?.version }
    },
  })
  const { values, set } = form
  const mayChange = can('update:resource_servers') && !api.is_system
  return (
    <>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <FormNotes form={form} readOnly={!mayChange} />
        <fieldset className="plain" disabled={!mayChange}>
          <Section title={text.rbac} description={text.rbacHint}>
            <div className="stack">
              <Switch
                label={text.enable}
                description={text.enableHint}
                checked={values.enforce_policies}
                onChange={({ currentTarget: { checked } }) => set({ enforce_policies: checked })}
              />
              <Switch
                label={text.add}
                description={values.enforce_policies ? text.addHint : text.addNeeds}
                disabled={!values.enforce_policies}
                checked={values.enforce_policies && values.adds_permissions}
                onChange={({ currentTarget: { checked } }) => set({ adds_permissions: checked })}
              />
            </div>
          </Section>
          <Section title={text.general}>
            <div className="columns">
              <TextInput {...form.text('name')} label={common.name} />
              <div className="stack-tight">
                <span className="label">{text.id}</span>
                <CopyText value={api.id} what={text.id} />
              </div>
            </div>
          </Section>
          <Section title={text.tokens}>
            <div className="columns">
              <TextInput
                {...form.text('token_lifetime')}
                label={text.lifetime}
                description={text.lifetimeHint}
                inputMode="numeric"
              />
              <TextInput
                {...form.text('token_lifetime_for_web')}
                label={text.webLifetime}
                description={text.webLifetimeHint}
                inputMode="numeric"
              />
              <NativeSelect
                label={text.alg}
                description={text.algHint}
                data={[...signingAlgs]}
                value={values.signing_alg}
                onChange={({ currentTarget: { value } }) =>
                  set({ signing_alg: signingAlgs.find((alg) => alg === value) ?? values.signing_alg })
                }
              />
              <NativeSelect
                label={text.profile}
                data={[text.profileAuth0, text.profileRfc]}
                value={values.rfc9068 ? text.profileRfc : text.profileAuth0}
                onChange={({ currentTarget: { value } }) => set({ rfc9068: value === text.profileRfc })}
              />
              <Switch
                label={text.offline}
                description={text.offlineHint}
                checked={values.allow_offline_access}
                onChange={({ currentTarget: { checked } }) => set({ allow_offline_access: checked })}
              />
            </div>
          </Section>
        </fieldset>
        {mayChange && <FormFooter form={form} saving={saving} />}
      </form>
      {can('delete:resource_servers') && !api.is_system && <DeleteApi api={api} />}
      {dialog}
    </>
  )
}
