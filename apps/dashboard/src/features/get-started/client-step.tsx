import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useCan } from '../../shared/auth/session.ts'
import { useConfiguration, useSampleAddresses } from '../../shared/configuration-context.ts'
import { clientEnvironment, lines } from '../../shared/env/client-environment.ts'
import { domainOf } from '../../shared/env/domain.ts'
import { downloadText } from '../../shared/env/download.ts'
import { randomSecret } from '../../shared/forms/random-secret.ts'
import type { ResourceServer } from '../../shared/management/apis.ts'
import { newApplication } from '../../shared/management/application-types.ts'
import { type Client, useCreateApplication } from '../../shared/management/applications.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { CopyButton } from '../../shared/ui/copy-button.tsx'
import { NotAllowed } from './not-allowed.tsx'
import { tutorial } from './progress.ts'
import { Step, type StepProps } from './step.tsx'
import { StepForm } from './step-form.tsx'
import { getStarted as text } from './text.ts'

export function ClientStep({ progress: { api, client, done }, current }: StepProps) {
  const can = useCan()
  const create = useCreateApplication()
  const { clientUrl } = useSampleAddresses()
  const words = text.steps.client
  return (
    <Step
      title={words.title}
      done={done.client}
      current={current === 'client'}
      result={client && { text: words.done(client.name), to: `/applications/${client.client_id}` }}
      always={done.client}
    >
      {!client && <p>{words.body}</p>}
      {!client && can('create:clients') && (
        <StepForm
          action={words.action}
          busy={create.isPending}
          error={create.error}
          onSubmit={(value) =>
            create.mutate(newApplication(value('name'), 'spa', value('origin').replace(/\/$/, '')))
          }
          fields={[
            { name: 'name', label: words.name, initial: tutorial.client.name },
            { name: 'origin', label: words.origin, initial: clientUrl },
          ]}
        />
      )}
      {!client && !can('create:clients') && <NotAllowed permission="create:clients" />}
      {client && api && <Environments api={api} client={client} />}
    </Step>
  )
}

function Environments({ api, client }: { api: ResourceServer; client: Client }) {
  const { issuer } = useConfiguration()
  const { clientUrl, apiUrl } = useSampleAddresses()
  const [domain, setDomain] = useState(domainOf(issuer))
  const [audience, setAudience] = useState(api.identifier)
  const [origin, setOrigin] = useState(client.web_origins?.[0] ?? clientUrl)
  const clientEnv = clientEnvironment({ application: client, issuer, audience, apiUrl })
    .replace(/(?<=_DOMAIN=).*/, domain)
    .replace(/(?<=_CALLBACK_URL=).*/, `${origin}/callback`)
  const apiEnv = lines({
    CLIENT_ORIGIN_URL: origin,
    PORT: new URL(apiUrl).port,
    DEBUG_ENABLE: 'false',
    AUTH0_DOMAIN: domain,
    AUTH0_AUDIENCE: audience,
  })
  return (
    <>
      <div className="columns">
        <Field label={text.env.domain} value={domain} onChange={setDomain} />
        <Field label={text.env.audience} value={audience} onChange={setAudience} />
        <Field label={text.env.origin} value={origin} onChange={setOrigin} />
      </div>
      <div className="env-pair">
        <Environment label={text.env.client} content={clientEnv} />
        <Environment label={text.env.api} content={apiEnv} />
      </div>
      <SecretGenerator />
    </>
  )
}

function Field({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  return (
    <TextInput
      label={label}
      value={value}
      spellCheck={false}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  )
}

function Environment({ label, content }: { label: string; content: string }) {
  return (
    <div>
      <CodeBlock label={label} code={content} />
      <Button
        size="compact-sm"
        style={{ alignSelf: 'start' }}
        aria-label={`${text.env.download} ${label}`}
        onClick={() => downloadText('.env', content)}
      >
        {text.env.download}
      </Button>
    </div>
  )
}

function SecretGenerator() {
  const [secret, setSecret] = useState('')
  return (
    <div className="stack-tight">
      <span className="label">{text.env.secret}</span>
      <span className="dim small">{text.env.secretHint}</span>
      <div className="row">
        <Button size="compact-sm" onClick={() => setSecret(randomSecret())}>
          {text.env.generate}
        </Button>
        {secret && (
          <span className="copy-text">
            <code>{secret}</code>
            <CopyButton value={secret} what={text.env.secretName} />
          </span>
        )}
      </div>
    </div>
  )
}
