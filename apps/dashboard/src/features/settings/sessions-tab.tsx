import { Switch, TextInput } from '@mantine/core'
import type { TenantSettings } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useForm } from '../../shared/forms/use-form.ts'
import { useVersionedSave } from '../../shared/forms/use-versioned-save.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useTenantSettings, useUpdateTenantSettings } from './settings-queries.ts'
import { sessions as text } from './text.ts'

export function SessionsTab() {
  const query = useTenantSettings()
  return (
    <Loaded query={query}>
      {({ value, version }) => <SessionsForm settings={value} version={version} />}
    </Loaded>
  )
}

const labels = { lifetime: text.lifetime, idle: text.idle, persistent: text.persistent }

const toValues = ({ session_lifetime, idle_session_lifetime, session_cookie }: TenantSettings) => ({
  lifetime: String(session_lifetime),
  idle: String(idle_session_lifetime),
  persistent: session_cookie.mode === 'persistent',
})

function SessionsForm({ settings, version }: { settings: TenantSettings; version: string | undefined }) {
  const can = useCan()
  const update = useUpdateTenantSettings()
  const query = useTenantSettings()
  const form = useForm({
    key: 'settings/sessions',
    saved: toValues(settings),
    version,
    validate: ({ lifetime, idle }) => ({
      lifetime: hoursError(lifetime),
      idle: hoursError(idle) ?? (Number(idle) > Number(lifetime) ? text.order : undefined),
    }),
  })
  const { submit, saving, dialog } = useVersionedSave({
    form,
    labels,
    save: ({ lifetime, idle, persistent }, ifMatch) =>
      update.mutateAsync({
        session_lifetime: Number(lifetime),
        idle_session_lifetime: Number(idle),
        session_cookie: { mode: persistent ? 'persistent' : 'non-persistent' },
        ifMatch,
      }),
    reload: async () => {
      const { data } = await query.refetch({ throwOnError: true })
      return { value: toValues(data?.value ?? settings), version: data?.version }
    },
  })
  const mayChange = can('update:tenant_settings')
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <FormNotes form={form} readOnly={!mayChange} />
      <fieldset className="plain" disabled={!mayChange}>
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
      </fieldset>
      {mayChange && <FormFooter form={form} saving={saving} />}
      {dialog}
    </form>
  )
}

function hoursError(typed: string): string | undefined {
  const hours = Number(typed)
  return typed.trim() !== '' && hours >= 0.1 && hours <= 2_400 ? undefined : text.number
}
