import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { decodeToken } from '../../shared/auth/claims.ts'
import { useCan } from '../../shared/auth/session.ts'
import { tokenForMyself } from '../../shared/auth/test-tokens.ts'
import { useConfiguration, useSampleAddresses } from '../../shared/configuration-context.ts'
import type { ResourceServer } from '../../shared/management/apis.ts'
import { useApplications, useGrants } from '../../shared/management/applications.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { guardSnippet, tokenRequest } from './snippets.ts'
import { apiTest as text } from './text.ts'

export function TestTab({ api }: { api: ResourceServer }) {
  const can = useCan()
  const { issuer } = useConfiguration()
  return (
    <>
      <TokenForMe api={api} />
      {can('read:client_grants', 'read:clients') && <TokenForApplication api={api} />}
      <Section title={text.verify}>
        <CodeBlock label="server.ts" code={guardSnippet(issuer, api.identifier, api.scopes?.[0]?.value)} />
      </Section>
    </>
  )
}

function TokenForMe({ api }: { api: ResourceServer }) {
  const configuration = useConfiguration()
  const failed = useFailure()
  const [url, setUrl] = useState(`${useSampleAddresses().apiUrl}/api/messages/protected`)
  const ask = useMutation({
    mutationFn: () => tokenForMyself(configuration, api.identifier),
    onError: failed,
  })
  return (
    <Section
      title={text.asMeTitle}
      description={text.asMeHint}
      actions={
        <Button variant="filled" loading={ask.isPending} onClick={() => ask.mutate()}>
          {text.get}
        </Button>
      }
    >
      {ask.data && (
        <div className="stack">
          <div className="columns">
            <CodeBlock label={text.token} code={ask.data} />
            <CodeBlock label={text.payload} code={JSON.stringify(decodeToken(ask.data).payload, null, 2)} />
          </div>
          <TextInput
            label={text.url}
            value={url}
            onChange={({ currentTarget: { value } }) => setUrl(value)}
          />
          <CodeBlock label={text.curl} code={`curl ${url} \\\n  -H 'Authorization: Bearer ${ask.data}'`} />
        </div>
      )}
    </Section>
  )
}

function TokenForApplication({ api }: { api: ResourceServer }) {
  const { issuer } = useConfiguration()
  const applications = useApplications()
  const grants = useGrants({ audience: api.identifier })
  const [chosen, setChosen] = useState<string>()
  const granted = applications.data?.filter(({ client_id }) =>
    grants.data?.some((grant) => grant.client_id === client_id && grant.subject_type === 'client'),
  )
  const clientId = chosen ?? granted?.[0]?.client_id
  return (
    <Section
      title={text.machineTitle}
      description={granted?.length === 0 ? text.noApplication : text.machineHint}
    >
      {clientId && granted && (
        <div className="stack">
          <NativeSelect
            label={text.application}
            value={clientId}
            data={granted.map(({ client_id, name }) => ({ value: client_id, label: name }))}
            onChange={({ currentTarget: { value } }) => setChosen(value)}
          />
          <CodeBlock label={text.request} code={tokenRequest(issuer, clientId, api.identifier)} />
        </div>
      )}
    </Section>
  )
}
