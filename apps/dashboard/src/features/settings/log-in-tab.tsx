import { NativeSelect, Switch } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import type { PasswordPolicy } from '../../shared/forms/password-error.ts'
import { password as passwordText } from '../../shared/forms/text.ts'
import type { Form } from '../../shared/forms/use-form.ts'
import { type Connection, useDefaultConnection } from '../../shared/management/connections.ts'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { LazyMigrationForm } from './lazy-migration-form.tsx'
import { useUpdateConnection } from './settings-queries.ts'
import { logIn as text } from './text.ts'

const policies = ['low', 'fair', 'good', 'excellent'] as const

interface Values {
  signUp: boolean
  passkeys: boolean
  policy: PasswordPolicy
  protect: boolean
}

const labels: Record<keyof Values, string> = {
  signUp: text.signUp,
  passkeys: text.passkeys,
  policy: text.policy,
  protect: text.brute,
}

const toValues = ({ options }: Connection): Values => ({
  signUp: options.disable_signup !== true,
  passkeys: options.authentication_methods?.passkey?.enabled !== false,
  policy: options.passwordPolicy ?? 'none',
  protect: options.brute_force_protection !== false,
})

const toOptions = ({ signUp, passkeys, policy, protect }: Values, { options }: Connection) => ({
  ...options,
  disable_signup: !signUp,
  authentication_methods: {
    ...options.authentication_methods,
    passkey: { ...options.authentication_methods?.passkey, enabled: passkeys },
  },
  passwordPolicy: policy,
  brute_force_protection: protect,
})

export function LogInTab() {
  const can = useCan()
  const query = useDefaultConnection()
  const update = useUpdateConnection()
  return (
    <>
      <VersionedForm
        draft="settings/log-in"
        query={query}
        labels={labels}
        toValues={toValues}
        save={({ values, resource, ifMatch }) =>
          update.mutateAsync({ id: resource.id, options: toOptions(values, resource), ifMatch })
        }
        mayChange={can('update:connections')}
      >
        {(form) => <Fields form={form} />}
      </VersionedForm>
      <LazyMigrationForm />
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

function Fields({ form: { values, set } }: { form: Form<Values> }) {
  const offered: PasswordPolicy[] = values.policy === 'none' ? ['none', ...policies] : [...policies]
  return (
    <Section title={text.title} description={text.hint}>
      <div className="columns">
        <Switch
          label={text.signUp}
          description={text.signUpHint}
          checked={values.signUp}
          onChange={({ currentTarget: { checked } }) => set({ signUp: checked })}
        />
        <Switch
          label={text.passkeys}
          description={text.passkeysHint}
          checked={values.passkeys}
          onChange={({ currentTarget: { checked } }) => set({ passkeys: checked })}
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
          data={offered.map((value) => ({ value, label: passwordText.policies[value] }))}
          onChange={({ currentTarget: { value } }) =>
            set({ policy: offered.find((policy) => policy === value) ?? values.policy })
          }
        />
      </div>
    </Section>
  )
}
