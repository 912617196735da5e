import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useCan } from '../../shared/auth/session.ts'
import { useConfiguration, useSampleAddresses } from '../../shared/configuration-context.ts'
import { clientEnvironment } from '../../shared/env/client-environment.ts'
import { downloadText } from '../../shared/env/download.ts'
import { useApis } from '../../shared/management/apis.ts'
import type { Client } from '../../shared/management/applications.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { quickStart as text } from './text.ts'

export function QuickStartTab({ application }: { application: Client }) {
  const { issuer } = useConfiguration()
  const can = useCan()
  const apis = useApis(can('read:resource_servers'))
  const [chosen, setChosen] = useState<string>()
  const [apiUrl, setApiUrl] = useState(useSampleAddresses().apiUrl)
  const own = apis.data?.filter(({ is_system }) => !is_system) ?? []
  const audience = chosen ?? own[0]?.identifier ?? ''
  const env = clientEnvironment({ application, issuer, audience, apiUrl })
  return (
    <Section
      title={text.title}
      description={text.hint}
      actions={
        <Button leftSection={<Icon name="download" size={15} />} onClick={() => downloadText('.env', env)}>
          {text.download}
        </Button>
      }
    >
      <div className="stack">
        <div className="columns">
          <NativeSelect
            label={text.api}
            value={audience}
            data={
              own.length > 0
                ? own.map(({ identifier, name }) => ({ value: identifier, label: name }))
                : [{ value: '', label: text.noApi }]
            }
            onChange={({ currentTarget: { value } }) => setChosen(value)}
          />
          <TextInput
            label={text.apiUrl}
            value={apiUrl}
            onChange={({ currentTarget: { value } }) => setApiUrl(value)}
          />
        </div>
        <CodeBlock label={text.file} code={env} />
      </div>
    </Section>
  )
}
