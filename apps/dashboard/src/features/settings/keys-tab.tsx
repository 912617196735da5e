import { Button } from '@mantine/core'
import type { SigningKeyWire } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { Failure, useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { useChangeKeys, useSigningKeys } from './settings-queries.ts'
import { keys as text } from './text.ts'

const states = ['current', 'next', 'previous', 'revoked'] as const
const tones = { current: 'ok', next: 'plain', previous: 'plain', revoked: 'danger' } as const

const stateOf = (key: SigningKeyWire) => states.find((state) => key[state]) ?? 'revoked'

export function KeysTab() {
  const can = useCan()
  const query = useSigningKeys()
  const change = useChangeKeys()
  const confirm = useConfirm()
  const toast = useToast()
  const failed = useFailure()
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const rotate = async () => {
    const agreed = await confirm({ title: text.rotateTitle, body: text.rotateBody, action: text.rotate })
    if (agreed) change.mutate(undefined, { onSuccess: () => toast.done(text.rotated), onError: failed })
  }
  const revoke = async (kid: string) => {
    const agreed = await confirm({ title: text.revokeTitle, body: text.revokeBody, action: text.revoke })
    if (agreed) change.mutate(kid, { onSuccess: () => toast.done(text.revoked), onError: failed })
  }
  return (
    <Section
      title={text.title}
      description={text.hint}
      actions={
        can('create:signing_keys', 'update:signing_keys') && (
          <Button loading={change.isPending} onClick={() => void rotate()}>
            {text.rotate}
          </Button>
        )
      }
    >
      <Table
        label={text.title}
        rows={query.data?.toSorted((a, b) => states.indexOf(stateOf(a)) - states.indexOf(stateOf(b)))}
        rowKey={({ kid }) => kid}
        empty={null}
        columns={[
          { key: 'kid', header: text.kid, render: ({ kid }) => <CopyText value={kid} what={text.kid} /> },
          {
            key: 'state',
            header: text.state,
            render: (key) => <Tag tone={tones[stateOf(key)]}>{text.states[stateOf(key)]}</Tag>,
          },
          {
            key: 'since',
            header: text.since,
            wide: true,
            render: ({ revoked_at, current_until, current_since }) => (
              <Time value={revoked_at ?? current_until ?? current_since} />
            ),
          },
          {
            key: 'actions',
            header: text.revoke,
            headerHidden: true,
            align: 'end',
            render: (key) =>
              key.previous &&
              !key.revoked &&
              can('update:signing_keys') && (
                <Button
                  size="compact-sm"
                  aria-label={text.revokeOne(key.kid)}
                  onClick={() => void revoke(key.kid)}
                >
                  {text.revoke}
                </Button>
              ),
          },
        ]}
      />
    </Section>
  )
}
