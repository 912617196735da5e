import { Button } from '@mantine/core'
import type { SigningKeyWire } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { TableSection } from '../../shared/pages/table-section.tsx'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { useChangeKeys, useSigningKeys } from './settings-queries.ts'
import { keys as text } from './text.ts'

const states = ['current', 'next', 'previous', 'revoked'] as const
const tones = { current: 'ok', next: 'plain', previous: 'plain', revoked: 'danger' } as const

const stateOf = (key: SigningKeyWire) => states.find((state) => key[state]) ?? 'revoked'

export function KeysTab() {
  const can = useCan()
  const query = useSigningKeys()
  const change = useChangeKeys()
  const act = useAction()
  const rotate = () =>
    act({
      question: { title: text.rotateTitle, body: text.rotateBody, action: text.rotate },
      run: () => change.mutateAsync(undefined),
      done: text.rotated,
    })
  const revoke = (kid: string) =>
    act({
      question: { title: text.revokeTitle, body: text.revokeBody, action: text.revoke },
      run: () => change.mutateAsync(kid),
      done: text.revoked,
    })
  return (
    <TableSection
      text={text}
      icon="key"
      query={query}
      rows={query.data?.toSorted((a, b) => states.indexOf(stateOf(a)) - states.indexOf(stateOf(b)))}
      rowKey={({ kid }) => kid}
      actions={
        can('create:signing_keys', 'update:signing_keys') && (
          <Button loading={change.isPending} onClick={() => void rotate()}>
            {text.rotate}
          </Button>
        )
      }
      columns={[
        { key: 'kid', header: text.kid, render: ({ kid }) => <CopyText value={kid} what={text.kid} /> },
        { key: 'alg', header: text.alg, wide: true, render: ({ alg }) => alg },
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
  )
}
