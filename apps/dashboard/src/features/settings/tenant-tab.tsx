import { Textarea, TextInput } from '@mantine/core'
import { email, link, returnUrl, type TenantSettings } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { useConfiguration } from '../../shared/configuration-context.ts'
import { domainOf } from '../../shared/env/domain.ts'
import { addressField } from '../../shared/forms/address-field.ts'
import { linesOf, urlErrors } from '../../shared/forms/url-lines.ts'
import type { Errors, Form } from '../../shared/forms/use-form.ts'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { common } from '../../shared/text.ts'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { useTenantSettings, useUpdateTenantSettings } from './settings-queries.ts'
import { tenant as text } from './text.ts'

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

const validate = ({
  friendly_name,
  support_email,
  support_url,
  allowed_logout_urls,
}: Values): Errors<Values> => ({
  friendly_name: friendly_name.trim() ? undefined : common.required,
  support_email:
    support_email === '' || email.safeParse(support_email).success ? undefined : common.invalidEmail,
  support_url: support_url === '' ? undefined : urlErrors(support_url, link),
  allowed_logout_urls: urlErrors(allowed_logout_urls, returnUrl),
})

export function TenantTab() {
  const can = useCan()
  const query = useTenantSettings()
  const update = useUpdateTenantSettings()
  return (
    <VersionedForm
      draft="settings/tenant"
      query={query}
      labels={labels}
      toValues={toValues}
      validate={validate}
      save={({ values, ifMatch }) =>
        update.mutateAsync({ ...values, allowed_logout_urls: linesOf(values.allowed_logout_urls), ifMatch })
      }
      mayChange={can('update:tenant_settings')}
    >
      {(form) => <Fields form={form} />}
    </VersionedForm>
  )
}

function Fields({ form }: { form: Form<Values> }) {
  const { issuer, audience } = useConfiguration()
  const addresses: [string, string][] = [
    [text.domain, domainOf(issuer)],
    [text.issuer, issuer],
    [text.discovery, `${issuer}.well-known/openid-configuration`],
    [text.reference, `${audience}docs`],
  ]
  return (
    <>
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
    </>
  )
}
