import { Switch, Textarea, TextInput } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useForm } from '../../shared/forms/use-form.ts'
import { useVersionedSave } from '../../shared/forms/use-versioned-save.tsx'
import { type User, useUpdateUser, useUser } from '../../shared/management/users.ts'
import { Section } from '../../shared/ui/page.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { Account } from './account.tsx'
import { DeleteUser } from './delete-user.tsx'
import { labels, toUpdate, toValues, type Values, validate } from './details-form.ts'
import { userDetails as text, users } from './text.ts'

export function DetailsTab({ user, version }: { user: User; version: string | undefined }) {
  const can = useCan()
  const update = useUpdateUser(user.user_id)
  const query = useUser(user.user_id)
  const form = useForm<Values>({ key: `users/${user.user_id}`, saved: toValues(user), version, validate })
  const { submit, saving, dialog } = useVersionedSave({
    form,
    labels,
    save: (values, ifMatch) => update.mutateAsync({ ...toUpdate(values, form.base.values), ifMatch }),
    reload: async () => {
      const { data } = await query.refetch({ throwOnError: true })
      return { value: toValues(data?.value ?? user), version: data?.version }
    },
  })
  const mayChange = can('update:users')
  return (
    <>
      {mayChange && <Account user={user} />}
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <FormNotes form={form} readOnly={!mayChange} />
        <fieldset className="plain" disabled={!mayChange}>
          <Section title={text.profile}>
            <div className="columns">
              <TextInput {...form.text('name')} label={text.name} />
              <TextInput {...form.text('nickname')} label={text.nickname} />
              <Switch
                label={text.emailVerified}
                checked={form.values.email_verified}
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
        </fieldset>
        {mayChange && <FormFooter form={form} saving={saving} />}
      </form>
      {can('delete:users') && <DeleteUser user={user} />}
      {dialog}
    </>
  )
}

function Metadata({
  label,
  field,
}: {
  label: string
  field: {
    name: string
    value: string
    error: string | undefined
    onChange: (event: { currentTarget: { value: string } }) => void
  }
}) {
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
