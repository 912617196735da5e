import { NativeSelect, Switch, TextInput } from '@mantine/core'
import { signingAlgs } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import type { Form } from '../../shared/forms/use-form.ts'
import { type ResourceServer, useApiById, useDeleteApi, useUpdateApi } from '../../shared/management/apis.ts'
import { removals } from '../../shared/management/removals.ts'
import { DangerSection } from '../../shared/pages/danger-section.tsx'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { common } from '../../shared/text.ts'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { labels, questionOf, toUpdate, toValues, type Values, validate } from './settings-form.ts'
import { apiSettings as text } from './text.ts'

export function SettingsTab({ api }: { api: ResourceServer }) {
  const can = useCan()
  const query = useApiById(api.id)
  const update = useUpdateApi(api.id)
  const remove = useDeleteApi()
  return (
    <>
      <VersionedForm
        draft={`apis/${api.id}`}
        query={query}
        labels={labels}
        toValues={toValues}
        validate={validate}
        question={({ values, base }) => {
          const title = questionOf(base, values)?.(api.name)
          return title === undefined
            ? undefined
            : { title, changes: [removals.changeApi(api.id, toUpdate(values))], action: common.save }
        }}
        save={({ values, ifMatch }) => update.mutateAsync({ ...toUpdate(values), ifMatch })}
        mayChange={can('update:resource_servers') && !api.is_system}
      >
        {(form) => <Fields form={form} id={api.id} />}
      </VersionedForm>
      {can('delete:resource_servers') && !api.is_system && (
        <DangerSection
          text={text}
          id={api.id}
          name={api.name}
          remove={remove}
          change={removals.api(api.id)}
          consequences={text.dangerHint}
          list="/apis"
        />
      )}
    </>
  )
}

function Fields({ form, id }: { form: Form<Values>; id: string }) {
  const { values, set } = form
  return (
    <>
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
            <CopyText value={id} what={text.id} />
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
    </>
  )
}
