import { Switch, Textarea, TextInput } from '@mantine/core'
import { useCan, useSession } from '../../shared/auth/session.ts'
import { addressField } from '../../shared/forms/address-field.ts'
import type { Form, TextField } from '../../shared/forms/use-form.ts'
import { removals } from '../../shared/management/removals.ts'
import {
  hasDatabaseAccount,
  type User,
  useDeleteUser,
  useUpdateUser,
  useUser,
} from '../../shared/management/users.ts'
import { DangerSection } from '../../shared/pages/danger-section.tsx'
import { VersionedForm } from '../../shared/pages/versioned-form.tsx'
import { common } from '../../shared/text.ts'
import { Section } from '../../shared/ui/page.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { Account } from './account.tsx'
import { labels, toUpdate, toValues, type Values, validate } from './details-form.ts'
import { FactorsSection } from './factors-section.tsx'
import { IdentitiesSection } from './identities-section.tsx'
import { userDetails as text, users } from './text.ts'

export function DetailsTab({ user }: { user: User }) {
  const can = useCan()
  const query = useUser(user.user_id)
  const update = useUpdateUser(user.user_id)
  const mayChange = can('update:users')
  return (
    <>
      {mayChange && <Account user={user} />}
      {(user.identities.length > 1 || !hasDatabaseAccount(user)) && <IdentitiesSection user={user} />}
      <FactorsSection user={user} />
      <VersionedForm
        draft={`users/${user.user_id}`}
        query={query}
        labels={labels}
        toValues={toValues}
        validate={validate}
        save={({ values, base, ifMatch }) => update.mutateAsync({ ...toUpdate(values, base), ifMatch })}
        mayChange={mayChange}
      >
        {(form) => <Fields form={form} user={user} />}
      </VersionedForm>
      {can('delete:users') && <Danger user={user} />}
    </>
  )
}

function Danger({ user: { user_id, email } }: { user: User }) {
  const { user: self } = useSession()
  const remove = useDeleteUser()
  return (
    <DangerSection
      text={text}
      id={user_id}
      name={email}
      remove={remove}
      change={removals.user(user_id)}
      consequences={text.deleteBody}
      list="/users"
      refusal={self.sub === user_id && text.yourself}
    />
  )
}

function Fields({ form, user }: { form: Form<Values>; user: User }) {
  const isElsewhere = !hasDatabaseAccount(user)
  return (
    <>
      <Section title={text.profile} {...(isElsewhere && { description: text.profileElsewhere })}>
        <div className="columns">
          <TextInput
            {...form.text('email')}
            {...addressField}
            label={common.email}
            description={isElsewhere ? undefined : text.emailHint}
            disabled={isElsewhere}
          />
          <TextInput {...form.text('username')} label={text.username} disabled={isElsewhere} />
          <TextInput {...form.text('name')} label={text.name} />
          <TextInput {...form.text('nickname')} label={text.nickname} />
          <Switch
            label={text.emailVerified}
            checked={form.values.email_verified}
            disabled={isElsewhere}
            onChange={({ currentTarget: { checked } }) => form.set({ email_verified: checked })}
          />
        </div>
        <dl className="facts">
          <div>
            <dt>{text.since}</dt>
            <dd>
              <Time value={user.created_at} />
            </dd>
          </div>
          <div>
            <dt>{users.lastLogin}</dt>
            <dd>
              <Time value={user.last_login} />
            </dd>
          </div>
          <div>
            <dt>{users.logins}</dt>
            <dd>{user.logins_count ?? 0}</dd>
          </div>
        </dl>
      </Section>
      <Section title={text.metadata} description={text.metadataHint}>
        <div className="columns">
          <Metadata label={text.userMetadata} field={form.text('user_metadata')} />
          <Metadata label={text.appMetadata} field={form.text('app_metadata')} />
        </div>
      </Section>
    </>
  )
}

function Metadata({ label, field }: { label: string; field: TextField }) {
  return (
    <Textarea
      {...field}
      label={label}
      autosize
      minRows={5}
      maxRows={18}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mono)', fontSize: 13 } }}
    />
  )
}
