import { Button } from '@mantine/core'
import { deviceName } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import {
  useEndSession,
  useEndUserSessions,
  useUserRefreshTokens,
  useUserSessions,
} from '../../shared/management/user-activity.ts'
import { type User } from '../../shared/management/users.ts'
import { TableSection } from '../../shared/pages/table-section.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { userRefreshTokens, userSessions } from './text.ts'
import { useApplicationName } from './use-application-name.ts'

export function SessionsTab({ user }: { user: User }) {
  const can = useCan()
  return (
    <>
      <Sessions user={user} />
      {can('read:refresh_tokens') && <RefreshTokens user={user} />}
    </>
  )
}

const times = [
  {
    key: 'since',
    header: userSessions.since,
    render: ({ created_at }: { created_at?: string | undefined }) => <Time value={created_at} />,
  },
  {
    key: 'until',
    header: userSessions.until,
    render: ({ expires_at }: { expires_at?: string | undefined }) => <Time value={expires_at} />,
  },
]

function Sessions({ user }: { user: User }) {
  const can = useCan()
  const query = useUserSessions(user.user_id)
  const nameOf = useApplicationName()
  const end = useEndSession()
  const act = useAction()
  const rows = query.data?.sessions
  return (
    <TableSection
      text={userSessions}
      icon="screen"
      query={query}
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'device',
          header: userSessions.device,
          render: ({ device }) => deviceName(device?.last_user_agent) || device?.last_ip,
        },
        ...times,
        {
          key: 'clients',
          header: userSessions.applications,
          render: ({ clients }) => clients.map(({ client_id }) => nameOf(client_id)).join(', '),
        },
      ]}
      remove={
        can('delete:sessions') && {
          label: ({ created_at }) => userSessions.end(created_at),
          run: ({ id }) => act({ run: () => end.mutateAsync(id), done: userSessions.endOne }),
        }
      }
      actions={
        can('delete:sessions') &&
        rows &&
        rows.length > 0 && <EndAll user={user} what="sessions" text={userSessions} />
      }
    />
  )
}

function RefreshTokens({ user }: { user: User }) {
  const can = useCan()
  const query = useUserRefreshTokens(user.user_id)
  const nameOf = useApplicationName()
  const rows = query.data?.tokens
  return (
    <TableSection
      text={userRefreshTokens}
      icon="key"
      query={query}
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'client',
          header: userRefreshTokens.application,
          render: ({ client_id }) => client_id && nameOf(client_id),
        },
        ...times,
      ]}
      actions={
        can('delete:refresh_tokens') &&
        rows &&
        rows.length > 0 && <EndAll user={user} what="refresh-tokens" text={userRefreshTokens} />
      }
    />
  )
}

function EndAll({
  user,
  what,
  text,
}: {
  user: User
  what: 'sessions' | 'refresh-tokens'
  text: { endAll: string; endTitle: string; endBody: string; ended: string }
}) {
  const { mutateAsync } = useEndUserSessions(user.user_id)
  const act = useAction()
  const run = () =>
    act({
      question: { title: text.endTitle, body: text.endBody, action: text.endAll },
      run: () => mutateAsync(what),
      done: text.ended,
    })
  return <Button onClick={() => void run()}>{text.endAll}</Button>
}
