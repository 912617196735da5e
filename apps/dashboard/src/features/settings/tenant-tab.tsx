import { Textarea, TextInput } from '@mantine/core'
import { returnUrl, type TenantSettings } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { useConfiguration } from '../../shared/configuration-context.ts'
import { domainOf } from '../../shared/env/domain.ts'
import { addressField } from '../../shared/forms/address-field.ts'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useForm } from '../../shared/forms/use-form.ts'
import { useVersionedSave } from '../../shared/forms/use-versioned-save.tsx'
import { common } from '../../shared/text.ts'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useTenantSettings, useUpdateTenantSettings } from './settings-queries.ts'
import { tenant as text } from './text.ts'

export function TenantTab() {
  const query = useTenantSettings()
  return (
    <Loaded query={query}>{({ value, version }) => <TenantForm settings={value} version={version} />}</Loaded>
  )
}

interface Values {
  friendly_name: string
  support_email: string
  support_url: string
  default_audience: string
  allowed_logout_urls: string
}

const labels: Record<keyof Values, string> = {
  friendly_name: text.name,
  support_email: text.supportEmail,
  support_url: text.supportUrl,
  default_audience: text.audience,
  allowed_logout_urls: text.logout,
}

const toValues = (settings: TenantSettings): Values => ({
  friendly_name: settings.friendly_name,
  support_email: settings.support_email,
  support_url: settings.support_url,
  default_audience: settings.default_audience,
  allowed_logout_urls: settings.allowed_logout_urls.join('\n'),
})

function TenantForm({ settings, version }: { settings: TenantSettings; version: string | undefined }) {
  const { issuer, audience } = useConfiguration()
  const can = useCan()
  const update = useUpdateTenantSettings()
  const query = useTenantSettings()
  const form = useForm<Values>({
    key: 'settings/tenant',
    saved: toValues(settings),
    version,
    validate: ({ friendly_name, allowed_logout_urls }) => {
      const wrong = linesOf(allowed_logout_urls).find((line) => !returnUrl.safeParse(line).success)
      return {
        friendly_name: friendly_name.trim() ? undefined : common.required,
        allowed_logout_urls: wrong === undefined ? undefined : text.badUrl(wrong),
      }
    },
  })
  const { submit, saving, dialog } = useVersionedSave({
    form,
    labels,
    save: (values, ifMatch) =>
      update.mutateAsync({ ...values, allowed_logout_urls: linesOf(values.allowed_logout_urls), ifMatch }),
    reload: async () => {
      const { data } = await query.refetch({ throwOnError: true })
      return { value: toValues(data?.value ?? settings), version: data?.version }
    },
  })
  const mayChange = can('update:tenant_settings')
  const addresses: [string, string][] = [
    [text.domain, domainOf(issuer)],
    [text.issuer, issuer],
    [text.discovery, `${issuer}.well-known/openid-configuration`],
    [text.reference, `${audience}docs`],
  ]
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
            <TextInput {...form.text('friendly_name')} label={text.name} />
            <TextInput {...form.text('support_email')} label={text.supportEmail} {...addressField} />
            <TextInput {...form.text('support_url')} label={text.supportUrl} />
          </div>
          <dl className="facts">
            {addresses.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <CopyText value={value} what={name} />
                </dd>
              </div>
            ))}
          </dl>
        </Section>
        <Section title={text.advanced}>
          <div className="columns">
            <TextInput
              {...form.text('default_audience')}
              label={text.audience}
              description={text.audienceHint}
            />
            <Textarea
              {...form.text('allowed_logout_urls')}
              label={text.logout}
              description={text.logoutHint}
              autosize
              minRows={2}
              spellCheck={false}
            />
          </div>
        </Section>
      </fieldset>
      {mayChange && <FormFooter form={form} saving={saving} />}
      {dialog}
    </form>
  )
}

const linesOf = (typed: string): string[] =>
  typed
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
