import { Button } from '@mantine/core'
import type { ApplicationSecret } from '@rolecall/contract'
import { useState } from 'react'
import { useCan } from '../../shared/auth/session.ts'
import {
  type Client,
  useEndPreviousSecret,
  useFreshSecret,
  useSecrets,
} from '../../shared/management/applications.ts'
import { common } from '../../shared/text.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { type Column, Table } from '../../shared/ui/table.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { Time, timeOf } from '../../shared/ui/time.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { RotateDialog } from './rotate-dialog.tsx'
import { recentUse } from './secret-use.ts'
import { rotation, applicationSettings as text } from './text.ts'

/** The secret right after it was made, the secrets that are accepted, and the way to a new one. */
export function Secret({ application }: { application: Client }) {
  const can = useCan()
  const query = useSecrets(application.client_id)
  const fresh = useFreshSecret(application.client_id)
  const [rotating, setRotating] = useState(false)
  const mayChange = can('update:client_keys') && !application.is_system
  return (
    <Section
      title={text.secret}
      description={fresh ? text.secretOnce : text.secretHint}
      actions={
        mayChange && (
          <Button
            onClick={() => {
              // The dialog says what was used recently.
              void query.refetch()
              setRotating(true)
            }}
          >
            {rotation.rotate}
          </Button>
        )
      }
    >
      {fresh && <CodeBlock label={text.secret} code={fresh} />}
      <Loaded query={query}>
        {(secrets) => (
          <SecretTable
            application={application}
            secrets={secrets}
            mayChange={mayChange}
            readAgain={async () => (await query.refetch()).data ?? secrets}
          />
        )}
      </Loaded>
      {rotating && (
        <RotateDialog
          application={application}
          secrets={query.data ?? []}
          onClose={() => setRotating(false)}
        />
      )}
    </Section>
  )
}

const columns: Column<ApplicationSecret>[] = [
  { key: 'kind', header: rotation.secret, render: ({ kind }) => rotation.kinds[kind] },
  {
    key: 'created',
    header: rotation.created,
    wide: true,
    render: ({ created_at }) => (created_at ? <Time value={created_at} /> : rotation.unknown),
  },
  {
    key: 'used',
    header: rotation.used,
    render: ({ last_used_at }) => (last_used_at ? <Time value={last_used_at} /> : common.never),
  },
]

function SecretTable({
  application: { client_id, name },
  secrets,
  mayChange,
  readAgain,
}: {
  application: Client
  secrets: ApplicationSecret[]
  mayChange: boolean
  /** The last uses of now: the page may be open for long. */
  readAgain: () => Promise<ApplicationSecret[]>
}) {
  const end = useEndPreviousSecret()
  const act = useAction()
  const endNow = async () => {
    const used = recentUse(await readAgain(), 'previous', Date.now())
    await act({
      question: {
        title: rotation.endTitle(name),
        body: used ? (
          <Callout tone="warn">{rotation.inUse('previous', timeOf(used))}</Callout>
        ) : (
          `${rotation.endBody} ${rotation.notInUse}`
        ),
        action: rotation.endNow,
      },
      run: () => end.mutateAsync(client_id),
      done: rotation.ended,
    })
  }
  const ends: Column<ApplicationSecret> = {
    key: 'ends',
    header: rotation.ends,
    render: ({ kind, ends_at }) => (
      <span className="row">
        {ends_at ? <Time value={ends_at} /> : rotation.doesNotEnd}
        {mayChange && kind === 'previous' && (
          <Button size="compact-sm" loading={end.isPending} onClick={() => void endNow()}>
            {rotation.endNow}
          </Button>
        )}
      </span>
    ),
  }
  return (
    <Table
      label={rotation.secrets}
      rows={secrets}
      rowKey={({ kind }) => kind}
      columns={[...columns, ends]}
      empty={<p className="dim small">{rotation.none}</p>}
    />
  )
}
