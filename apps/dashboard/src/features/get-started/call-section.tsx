import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useCan } from '../../shared/auth/session.ts'
import { useSampleAddresses } from '../../shared/configuration-context.ts'
import type { ResourceServer } from '../../shared/management/apis.ts'
import { type User, useUserPermissions } from '../../shared/management/users.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Callout, Tag } from '../../shared/ui/tag.tsx'
import type { Progress } from './progress.ts'
import { StepError } from './step-form.tsx'
import { getStarted as text } from './text.ts'
import { type CallResult, useCall } from './use-call.ts'

/** What the steps lead to. */
export function CallSection({ progress: { api, users, done } }: { progress: Progress }) {
  const ready = done.api && done.permission
  return (
    <Section title={text.call.title} description={text.call.hint}>
      {!ready && <p className="dim">{text.call.notReady}</p>}
      {ready && api && (
        <div className="stack">
          {users.length > 0 ? <Call api={api} users={users} /> : <p className="dim">{text.call.noUsers}</p>}
        </div>
      )}
    </Section>
  )
}

function Call({ api, users }: { api: ResourceServer; users: User[] }) {
  const can = useCan()
  const [chosen, setChosen] = useState(users[0]?.user_id)
  const { apiUrl } = useSampleAddresses()
  const [url, setUrl] = useState(`${apiUrl}/api/messages/admin`)
  const user = users.find(({ user_id }) => user_id === chosen) ?? users[0]
  const call = useCall(api)
  const words = text.call
  if (!user) return null
  return (
    <>
      <div className="columns">
        <NativeSelect
          label={words.user}
          value={user.user_id}
          data={users.map(({ user_id, email }) => ({ value: user_id, label: email }))}
          onChange={({ currentTarget: { value } }) => {
            setChosen(value)
            call.reset()
          }}
        />
        <TextInput
          label={words.url}
          value={url}
          spellCheck={false}
          onChange={({ currentTarget: { value } }) => setUrl(value)}
        />
      </div>
      <Preview key={user.user_id} api={api} user={user} />
      {can('update:resource_servers') && (
        <>
          <Callout tone="warn">{words.how}</Callout>
          <div>
            <Button
              variant="filled"
              loading={call.isPending}
              onClick={() => call.mutate({ url, email: user.email })}
            >
              {words.action}
            </Button>
            <StepError error={call.error} />
          </div>
        </>
      )}
      {call.data && <Answer result={call.data} user={user} url={url} />}
    </>
  )
}

function Preview({ api, user }: { api: ResourceServer; user: User }) {
  const { data } = useUserPermissions(user.user_id)
  if (!data) return null
  const permissions = data
    .filter(({ resource_server_identifier }) => resource_server_identifier === api.identifier)
    .map(({ permission_name }) => permission_name)
  return (
    <div className="stack-tight">
      <span className="label">{text.call.preview}</span>
      <span className="dim small">
        {text.call.previewHint} {permissions.length > 0 ? text.call.willAllow : text.call.willRefuse}
      </span>
      <code className="wrap">{JSON.stringify({ aud: api.identifier, sub: user.user_id, permissions })}</code>
    </div>
  )
}

function Answer({
  result: { status, body, payload, token, email },
  user,
  url,
}: {
  result: CallResult
  user: User
  url: string
}) {
  return (
    <div className="stack" aria-live="polite">
      <span>
        <Tag tone={status < 300 ? 'ok' : 'danger'}>{text.call.answer(status)}</Tag>
      </span>
      {payload.sub !== user.user_id && (
        <Callout tone="warn">{text.call.otherUser(email ?? payload.sub)}</Callout>
      )}
      <div className="env-pair">
        <CodeBlock label={text.call.body} code={body} />
        <CodeBlock label={text.call.token} code={JSON.stringify(payload, null, 2)} />
      </div>
      <CodeBlock label={text.call.curl} code={`curl -i ${url} \\\n  -H 'Authorization: Bearer ${token}'`} />
    </div>
  )
}
