import { Switch, TextInput } from '@mantine/core'
import type { TenantSettings } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useTenantSettings, useUpdateTenantSettings } from './settings-queries.ts'
import { sessions as text } from './text.ts'

const labels = { lifetime: text.lifetime, idle: text.idle, persistent: text.persistent }

const toValues = ({ session_lifetime, idle_session_lifetime, session_cookie }: TenantSettings) => ({
  lifetime: String(session_lifetime),
  idle: String(idle_session_lifetime),
  persistent: session_cookie.mode === 'persistent',
})

export function SessionsTab() {
  const can = useCan()
  const query = useTenantSettings()
  const update = useUpdateTenantSettings()
  return (
    <VersionedForm
      draft="settings/sessions"
      query={query}
      labels={labels}
      toValues={toValues}
      validate={({ lifetime, idle }) => ({
        lifetime: hoursError(lifetime),
        idle: hoursError(idle) ?? (Number(idle) > Number(lifetime) ? text.order : undefined),
      })}
      save={({ values: { lifetime, idle, persistent }, ifMatch }) =>
        update.mutateAsync({
          session_lifetime: Number(lifetime),
          idle_session_lifetime: Number(idle),
          session_cookie: { mode: persistent ? 'persistent' : 'non-persistent' },
          ifMatch,
        })
      }
      mayChange={can('update:tenant_settings')}
    >
      {(form) => (
        <Section title={text.title} description={text.hint}>
          <div className="columns">
            <TextInput
              {...form.text('lifetime')}
              label={text.lifetime}
              description={text.lifetimeHint}
              inputMode="decimal"
            />
            <TextInput
              {...form.text('idle')}
              label={text.idle}
              description={text.idleHint}
              inputMode="decimal"
            />
            <Switch
              label={text.persistent}
              checked={form.values.persistent}
              onChange={({ currentTarget: { checked } }) => form.set({ persistent: checked })}
            />
          </div>
        </Section>
      )}
    </VersionedForm>
  )
}

function hoursError(typed: string): string | undefined {
  const hours = Number(typed)
  return typed.trim() !== '' && hours >= 0.1 && hours <= 2_400 ? undefined : text.number
}
