import { Button } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import { useApplications } from '../../shared/management/applications.ts'
import {
  type User,
  useEndUserSessions,
  useUserRefreshTokens,
  useUserSessions,
} from '../../shared/management/users.ts'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure, useFailure } from '../../shared/ui/failure.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { userSessions as text } from './text.ts'

export function SessionsTab({ user }: { user: User }) {
  const can = useCan()
  return (
    <>
      <Sessions user={user} />
      {can('read:refresh_tokens') && <RefreshTokens user={user} />}
    </>
  )
}

export function useApplicationName(): (clientId: string) => string {
  const can = useCan()
  const { data } = useApplications(can('read:clients'))
  return (clientId) => data?.find(({ client_id }) => client_id === clientId)?.name ?? clientId
}

function Sessions({ user }: { user: User }) {
  const can = useCan()
  const query = useUserSessions(user.user_id)
  const nameOf = useApplicationName()
  const end = useEnding(user, 'sessions')
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const rows = query.data?.sessions
  return (
    <Section
      title={text.sessions}
      description={text.sessionsHint}
      actions={
        can('delete:sessions') && rows && rows.length > 0 && <Button onClick={end}>{text.endAll}</Button>
      }
    >
      <Table
        label={text.sessions}
        rows={rows}
        rowKey={({ id }) => id}
        empty={<EmptyState icon="screen" title={text.none} />}
        columns={[
          { key: 'since', header: text.since, render: ({ created_at }) => <Time value={created_at} /> },
          { key: 'until', header: text.until, render: ({ expires_at }) => <Time value={expires_at} /> },
          {
            key: 'clients',
            header: text.applications,
            render: ({ clients }) => clients.map(({ client_id }) => nameOf(client_id)).join(', '),
          },
        ]}
      />
    </Section>
  )
}

function RefreshTokens({ user }: { user: User }) {
  const can = useCan()
  const query = useUserRefreshTokens(user.user_id)
  const nameOf = useApplicationName()
  const revoke = useEnding(user, 'refresh-tokens')
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const rows = query.data?.tokens
  return (
    <Section
      title={text.tokens}
      description={text.tokensHint}
      actions={
        can('delete:refresh_tokens') &&
        rows &&
        rows.length > 0 && <Button onClick={revoke}>{text.revokeAll}</Button>
      }
    >
      <Table
        label={text.tokens}
        rows={rows}
        rowKey={({ id }) => id}
        empty={<EmptyState icon="key" title={text.noTokens} />}
        columns={[
          {
            key: 'client',
            header: text.application,
            render: ({ client_id }) => client_id && nameOf(client_id),
          },
          { key: 'since', header: text.since, render: ({ created_at }) => <Time value={created_at} /> },
          { key: 'until', header: text.until, render: ({ expires_at }) => <Time value={expires_at} /> },
        ]}
      />
    </Section>
  )
}

const words = {
  sessions: { title: text.endTitle, body: text.endBody, action: text.endAll, done: text.ended },
  'refresh-tokens': {
    title: text.revokeTitle,
    body: text.revokeBody,
    action: text.revokeAll,
    done: text.revoked,
  },
}

function useEnding(user: User, what: 'sessions' | 'refresh-tokens'): () => void {
  const end = useEndUserSessions(user.user_id)
  const confirm = useConfirm()
  const toast = useToast()
  const failed = useFailure()
  const { done, ...question } = words[what]
  const run = async () => {
    if (await confirm(question)) end.mutate(what, { onSuccess: () => toast.done(done), onError: failed })
  }
  return () => void run()
}
