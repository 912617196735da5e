import { NativeSelect, Switch } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useForm } from '../../shared/forms/use-form.ts'
import { useVersionedSave } from '../../shared/forms/use-versioned-save.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { type Connection, useDefaultConnection, useUpdateConnection } from './settings-queries.ts'
import { logIn as text } from './text.ts'

export function LogInTab() {
  const query = useDefaultConnection()
  return (
    <>
      <Loaded query={query}>
        {({ value, version }) => <LogInForm connection={value} version={version} />}
      </Loaded>
      <Section title={text.limits} description={text.limitsHint}>
        <dl className="facts" style={{ margin: 0 }}>
          {Object.entries(text.facts).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Section>
    </>
  )
}

const policies = ['low', 'fair', 'good', 'excellent'] as const
type Policy = keyof typeof text.policies

interface Values {
  signUp: boolean
  policy: Policy
  protect: boolean
}

const labels: Record<keyof Values, string> = { signUp: text.signUp, policy: text.policy, protect: text.brute }

const toValues = ({ options }: Connection): Values => ({
  signUp: options.disable_signup !== true,
  policy: options.passwordPolicy ?? 'none',
  protect: options.brute_force_protection !== false,
})

function LogInForm({ connection, version }: { connection: Connection; version: string | undefined }) {
  const can = useCan()
  const update = useUpdateConnection(connection.id)
  const query = useDefaultConnection()
  const form = useForm<Values>({ key: 'settings/log-in', saved: toValues(connection), version })
  const { submit, saving, dialog } = useVersionedSave({
    form,
    labels,
    save: ({ signUp, policy, protect }, ifMatch) =>
      update.mutateAsync({
        options: {
          ...connection.options,
          disable_signup: !signUp,
          passwordPolicy: policy,
          brute_force_protection: protect,
        },
        ifMatch,
      }),
    reload: async () => {
      const { data } = await query.refetch({ throwOnError: true })
      return { value: toValues(data?.value ?? connection), version: data?.version }
    },
  })
  const { values, set } = form
  const mayChange = can('update:connections')
  const offered: Policy[] = values.policy === 'none' ? ['none', ...policies] : [...policies]
  return (
    <form
      noValidate
      style={{ marginBottom: 20 }}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <FormNotes form={form} readOnly={!mayChange} />
      <fieldset className="plain" disabled={!mayChange}>
        <Section title={text.title} description={text.hint}>
          <div className="columns">
            <Switch
              label={text.signUp}
              description={text.signUpHint}
              checked={values.signUp}
              onChange={({ currentTarget: { checked } }) => set({ signUp: checked })}
            />
            <Switch
              label={text.brute}
              description={text.bruteHint}
              checked={values.protect}
              onChange={({ currentTarget: { checked } }) => set({ protect: checked })}
            />
            <NativeSelect
              label={text.policy}
              description={text.policyHint}
              value={values.policy}
              data={offered.map((value) => ({ value, label: text.policies[value] }))}
              onChange={({ currentTarget: { value } }) =>
                set({ policy: offered.find((policy) => policy === value) ?? values.policy })
              }
            />
          </div>
        </Section>
      </fieldset>
      {mayChange && <FormFooter form={form} saving={saving} />}
      {dialog}
    </form>
  )
}
