import { Checkbox, NativeSelect, Switch } from '@mantine/core'
import type { FactorPolicy } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import type { Form } from '../../shared/forms/use-form.ts'
import { useApis } from '../../shared/management/apis.ts'
import { useFactorPolicy, useUpdateFactorPolicy } from '../../shared/management/factors.ts'
import { useRoles } from '../../shared/management/roles.ts'
import { includesText } from '../../shared/match.ts'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import '../../shared/ui/permission-picker.css'
import { useState } from 'react'
import { factors as text } from './text.ts'

const policies = ['never', 'optional', 'required'] as const

interface Values {
  policy: FactorPolicy['policy']
  otp: boolean
  key: boolean
  recovery: boolean
  owners: boolean
  roles: string[]
  apis: string[]
}

const labels: Record<keyof Values, string> = {
  policy: text.policy,
  otp: text.otp,
  key: text.key,
  recovery: text.recovery,
  owners: text.owners,
  roles: text.roles,
  apis: text.apis,
}

const toValues = ({ policy, factors, owners, roles, apis }: FactorPolicy): Values => ({
  policy,
  otp: factors.otp,
  key: factors['webauthn-roaming'],
  recovery: factors['recovery-code'],
  owners,
  roles,
  apis,
})

export function FactorsTab() {
  const can = useCan()
  const query = useFactorPolicy()
  const update = useUpdateFactorPolicy()
  return (
    <VersionedForm
      draft="settings/factors"
      query={query}
      labels={labels}
      toValues={toValues}
      save={({ values: { otp, key, recovery, ...values }, ifMatch }) =>
        update.mutateAsync({
          ...values,
          factors: { otp, 'webauthn-roaming': key, 'recovery-code': recovery },
          ifMatch,
        })
      }
      mayChange={can('update:mfa_policies')}
    >
      {(form) => <Fields form={form} />}
    </VersionedForm>
  )
}

function Fields({ form: { values, set } }: { form: Form<Values> }) {
  const can = useCan()
  const roles = useRoles()
  const apis = useApis(can('read:resource_servers'))
  const isOptional = values.policy === 'optional'
  return (
    <>
      <Section title={text.title} description={text.hint}>
        <div className="columns">
          <NativeSelect
            label={text.policy}
            description={text.policyHints[values.policy]}
            value={values.policy}
            data={policies.map((value) => ({ value, label: text.policies[value] }))}
            onChange={({ currentTarget: { value } }) =>
              set({ policy: policies.find((policy) => policy === value) ?? values.policy })
            }
          />
          <Switch
            label={text.otp}
            description={text.otpHint}
            checked={values.otp}
            onChange={({ currentTarget: { checked } }) => set({ otp: checked })}
          />
          <Switch
            label={text.key}
            description={text.keyHint}
            checked={values.key}
            onChange={({ currentTarget: { checked } }) => set({ key: checked })}
          />
          <Switch
            label={text.recovery}
            description={text.recoveryHint}
            checked={values.recovery}
            onChange={({ currentTarget: { checked } }) => set({ recovery: checked })}
          />
        </div>
      </Section>
      {isOptional && (
        <Section title={text.required} description={text.requiredHint}>
          <Switch
            label={text.owners}
            checked={values.owners}
            onChange={({ currentTarget: { checked } }) => set({ owners: checked })}
          />
          <Choices
            label={text.roles}
            choices={(roles.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            picked={values.roles}
            onPick={(picked) => set({ roles: picked })}
          />
          <Choices
            label={text.apis}
            choices={(apis.data ?? []).map(({ identifier, name }) => ({ value: identifier, label: name }))}
            picked={values.apis}
            onPick={(picked) => set({ apis: picked })}
          />
        </Section>
      )}
    </>
  )
}

const searchFrom = 8

function Choices({
  label,
  choices,
  picked,
  onPick,
}: {
  label: string
  choices: readonly { value: string; label: string }[]
  picked: readonly string[]
  /** What no longer exists is left out. */
  onPick: (picked: string[]) => void
}) {
  const [filter, setFilter] = useState('')
  const pick = (value: string, checked: boolean) =>
    onPick(choices.map((one) => one.value).filter((one) => (one === value ? checked : picked.includes(one))))
  return (
    <fieldset className="picker">
      <legend>{label}</legend>
      {choices.length > searchFrom && (
        <SearchField label={text.search(label)} value={filter} onChange={setFilter} />
      )}
      <ul className="picker-list">
        {choices
          .filter((one) => includesText(`${one.label} ${one.value}`, filter))
          .map((one) => (
            <li key={one.value}>
              <Checkbox
                label={one.label}
                checked={picked.includes(one.value)}
                onChange={({ currentTarget: { checked } }) => pick(one.value, checked)}
              />
            </li>
          ))}
      </ul>
    </fieldset>
  )
}
