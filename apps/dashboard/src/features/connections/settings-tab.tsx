import { Button, NativeSelect, Switch, TextInput } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import { SecretField } from '../../shared/forms/secret-field.tsx'
import type { Form } from '../../shared/forms/use-form.ts'
import {
  type Connection,
  useChangeConnection,
  useCheckProvider,
  useConnection,
  useDeleteConnection,
  useProviderState,
} from '../../shared/management/connections.ts'
import { removals } from '../../shared/management/removals.ts'
import { noFilters } from '../../shared/management/user-filters.ts'
import { useFilteredUsers } from '../../shared/management/users.ts'
import { DangerSection } from '../../shared/pages/danger-section.tsx'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import {
  authMethods,
  labels,
  losesSecret,
  needsSecret,
  type ProviderValues,
  profileTimes,
  toOptions,
  toValues,
  validate,
} from './provider-form.ts'
import { connections, connectionSettings as text } from './text.ts'

export function SettingsTab({ connection: { id, name, strategy } }: { connection: Connection }) {
  const can = useCan()
  const query = useConnection(id)
  const change = useChangeConnection(id)
  const mayChange = can('update:connections')
  return (
    <>
      <Registration id={id} strategy={strategy} />
      <VersionedForm
        draft={`connections/${id}`}
        query={query}
        labels={labels}
        secret={['client_secret']}
        toValues={toValues}
        validate={validate(strategy)}
        save={({ values, resource: { options }, ifMatch }) =>
          change.mutateAsync({
            display_name: values.display_name.trim() || null,
            show_as_button: values.show_as_button,
            options: toOptions(strategy, values, options),
            ifMatch,
          })
        }
        mayChange={mayChange}
      >
        {(form) => (
          <>
            <ProviderFields form={form} id={id} strategy={strategy} mayCheck={mayChange && !form.dirty} />
            <UserFields form={form} />
          </>
        )}
      </VersionedForm>
      {can('delete:connections') && <Danger id={id} name={name} />}
    </>
  )
}

function Registration({ id, strategy }: { id: string; strategy: string }) {
  const { data } = useProviderState(id)
  if (!data) return null
  return (
    <Section title={text.register} description={text.registerHint}>
      <dl className="facts" style={{ margin: 0 }}>
        <div>
          <dt>{text.callback}</dt>
          <dd>
            <CopyText value={data.callback_url} what={text.callback} />
          </dd>
        </div>
        {strategy === 'oidc' && (
          <div>
            <dt>
              {text.keys}, {text.keysHint}
            </dt>
            <dd>
              <CopyText value={data.jwks_uri} what={text.keys} />
            </dd>
          </div>
        )}
      </dl>
    </Section>
  )
}

interface FieldsProps {
  form: Form<ProviderValues>
  id: string
  strategy: string
  mayCheck: boolean
}

function ProviderFields({ form, id, strategy, mayCheck }: FieldsProps) {
  const { values } = form
  const { data: state } = useProviderState(id)
  const isOidc = strategy === 'oidc'
  const secretHint = needsSecret(values)
    ? state?.has_client_secret
      ? text.stored
      : text.notStored
    : text.notNeeded
  return (
    <Section title={text.title} description={isOidc ? text.hint : text.hintGitHub}>
      <div className="columns">
        {isOidc && (
          <TextInput
            {...form.text('issuer')}
            label={text.issuer}
            description={text.issuerHint}
            spellCheck={false}
          />
        )}
        {isOidc && (
          <NativeSelect
            label={text.method}
            value={values.token_endpoint_auth_method}
            data={authMethods.map((value) => ({ value, label: text.methods[value] }))}
            onChange={({ currentTarget: { value } }) =>
              form.set({
                token_endpoint_auth_method:
                  authMethods.find((method) => method === value) ?? values.token_endpoint_auth_method,
              })
            }
          />
        )}
        <TextInput {...form.text('client_id')} label={text.clientId} spellCheck={false} />
        <SecretField field={form.text('client_secret')} label={text.clientSecret} description={secretHint} />
        {isOidc && (
          <TextInput
            {...form.text('scope')}
            label={text.scope}
            description={text.scopeHint}
            spellCheck={false}
          />
        )}
        {isOidc && (
          <Switch
            label={text.pkce}
            description={text.pkceHint}
            checked={values.pkce}
            onChange={({ currentTarget: { checked } }) => form.set({ pkce: checked })}
          />
        )}
      </div>
      {state?.has_client_secret && losesSecret(values, form.base.values) && (
        <Callout tone="warn">{text.loses}</Callout>
      )}
      {isOidc && mayCheck && <Check id={id} />}
    </Section>
  )
}

function Check({ id }: { id: string }) {
  const failed = useFailure()
  const check = useCheckProvider(id)
  const { data: result } = check
  return (
    <div className="stack" style={{ marginTop: 16 }}>
      <div className="row">
        <Button
          variant="default"
          loading={check.isPending}
          onClick={() => check.mutate(undefined, { onError: failed })}
        >
          {text.check}
        </Button>
        <span className="dim small">{text.checkHint}</span>
      </div>
      {result && (
        <output>
          <Callout tone={result.ok ? 'ok' : 'warn'}>
            {result.problem ?? text.checkOk(result.issuer ?? '')}
          </Callout>
        </output>
      )}
    </div>
  )
}

function UserFields({ form }: { form: Form<ProviderValues> }) {
  const { values } = form
  return (
    <>
      <Section title={text.look}>
        <div className="columns">
          <TextInput
            {...form.text('display_name')}
            label={text.displayName}
            description={text.displayNameHint}
          />
          <Switch
            label={text.showAsButton}
            description={text.showAsButtonHint}
            checked={values.show_as_button}
            onChange={({ currentTarget: { checked } }) => form.set({ show_as_button: checked })}
          />
        </div>
      </Section>
      <Section title={text.users}>
        <div className="columns">
          <NativeSelect
            label={text.profile}
            value={values.set_user_root_attributes}
            data={profileTimes.map((value) => ({ value, label: text.profiles[value] }))}
            onChange={({ currentTarget: { value } }) =>
              form.set({
                set_user_root_attributes:
                  profileTimes.find((time) => time === value) ?? values.set_user_root_attributes,
              })
            }
          />
          <Switch
            label={text.trust}
            description={text.trustHint}
            checked={values.trust_email_verified}
            onChange={({ currentTarget: { checked } }) => form.set({ trust_email_verified: checked })}
          />
        </div>
      </Section>
    </>
  )
}

/** A connection with users stays: they have no other way to log in. */
function Danger({ id, name }: { id: string; name: string }) {
  const remove = useDeleteConnection()
  const { data: users } = useFilteredUsers(0, { ...noFilters, connection: name }, 1)
  const total = users?.total ?? 0
  return (
    <DangerSection
      text={connections}
      id={id}
      name={name}
      remove={remove}
      change={removals.connection(id)}
      consequences={connections.deleteBody}
      list="/connections"
      refusal={total > 0 && connections.hasUsers(total)}
    />
  )
}
