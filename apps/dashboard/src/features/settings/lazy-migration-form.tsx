import { Button, NativeSelect, Switch, TextInput } from '@mantine/core'
import type { LazyMigrationState } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { SecretField } from '../../shared/forms/secret-field.tsx'
import type { Form } from '../../shared/forms/use-form.ts'
import { type Connection, useDefaultConnection } from '../../shared/management/connections.ts'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { common } from '../../shared/text.ts'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import {
  blankMigration,
  type MigrationValues,
  migrationOf,
  migrationValues,
  secrets,
  sources,
} from './lazy-migration.ts'
import { useMigrationState, useTestMigration, useUpdateConnection } from './settings-queries.ts'
import { migration as text } from './text.ts'

const labels: Record<keyof MigrationValues, string> = {
  source: text.source,
  enabled: text.enabled,
  domain: text.domain,
  realm: text.realm,
  clientId: text.clientId,
  clientSecret: text.clientSecret,
  managementClientId: text.managementClientId,
  managementClientSecret: text.managementClientSecret,
  url: text.url,
  authorization: text.authorization,
}

/** The server that is asked for people who have no password here. */
export function LazyMigrationForm() {
  const can = useCan()
  const query = useDefaultConnection()
  const update = useUpdateConnection()
  const mayChange = can('update:connections')
  return (
    <VersionedForm
      draft="settings/lazy-migration"
      query={query}
      labels={labels}
      secret={secrets}
      toValues={({ options }) => migrationValues(options.lazy_migration)}
      validate={({ source, domain, clientId, url }) => ({
        domain: source === 'auth0' && !domain.trim() ? common.required : undefined,
        clientId: source === 'auth0' && !clientId.trim() ? common.required : undefined,
        url: source === 'webhook' && !url.trim() ? common.required : undefined,
      })}
      save={({ values, resource: { id, options }, ifMatch }) =>
        update.mutateAsync({ id, options: { ...options, lazy_migration: migrationOf(values) }, ifMatch })
      }
      mayChange={mayChange}
    >
      {(form, resource) => (
        <Section title={text.title} description={text.hint}>
          <Fields form={form} connection={resource} mayTest={mayChange && !form.dirty} />
        </Section>
      )}
    </VersionedForm>
  )
}

interface FieldsProps {
  form: Form<MigrationValues>
  connection: Connection
  mayTest: boolean
}

function Fields({ form, connection, mayTest }: FieldsProps) {
  const { values, set } = form
  const { data: state } = useMigrationState(connection.id)
  const saved = connection.options.lazy_migration
  return (
    <>
      <div className="columns">
        <NativeSelect
          label={text.source}
          value={values.source}
          data={sources.map((value) => ({ value, label: text.sources[value] }))}
          onChange={({ currentTarget: { value } }) =>
            set({ source: sources.find((one) => one === value) ?? blankMigration.source })
          }
        />
        {values.source !== 'none' && (
          <Switch
            label={text.enabled}
            checked={values.enabled}
            onChange={({ currentTarget: { checked } }) => set({ enabled: checked })}
          />
        )}
        {values.source === 'auth0' && <Auth0Fields form={form} state={state} />}
        {values.source === 'webhook' && (
          <>
            <TextInput {...form.text('url')} label={text.url} description={text.urlHint} />
            <Secret form={form} name="authorization" stored={state?.has_authorization} />
          </>
        )}
      </div>
      {saved?.source === 'auth0' && saved.enabled && state?.has_client_secret === false && (
        <Callout tone="warn">{text.secretMissing}</Callout>
      )}
      {saved && mayTest && <Test id={connection.id} />}
    </>
  )
}

function Auth0Fields({
  form,
  state,
}: {
  form: Form<MigrationValues>
  state: LazyMigrationState | undefined
}) {
  return (
    <>
      <TextInput {...form.text('domain')} label={text.domain} description={text.domainHint} />
      <TextInput {...form.text('realm')} label={text.realm} />
      <TextInput {...form.text('clientId')} label={text.clientId} description={text.clientIdHint} />
      <Secret form={form} name="clientSecret" stored={state?.has_client_secret} />
      <TextInput
        {...form.text('managementClientId')}
        label={text.managementClientId}
        description={text.managementHint}
      />
      <Secret form={form} name="managementClientSecret" stored={state?.has_management_client_secret} />
    </>
  )
}

function Secret({
  form,
  name,
  stored = false,
}: {
  form: Form<MigrationValues>
  name: (typeof secrets)[number]
  stored: boolean | undefined
}) {
  return (
    <SecretField
      field={form.text(name)}
      label={labels[name]}
      description={stored ? text.stored : text.notStored}
    />
  )
}

function Test({ id }: { id: string }) {
  const failed = useFailure()
  const test = useTestMigration(id)
  const { data: result } = test
  return (
    <div className="stack" style={{ marginTop: 16 }}>
      <Button
        variant="default"
        style={{ alignSelf: 'start' }}
        loading={test.isPending}
        onClick={() => test.mutate(undefined, { onError: failed })}
      >
        {text.test}
      </Button>
      {result && (
        <Callout tone={result.ok ? 'ok' : 'warn'}>
          {result.problem ?? (result.finds_users ? text.works : text.worksWithoutLookUp)}
        </Callout>
      )}
    </div>
  )
}
