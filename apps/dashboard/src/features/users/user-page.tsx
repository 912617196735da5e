import { Button } from '@mantine/core'
import { Link, Route, Routes, useParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { explainLinks } from '../../shared/explain-links.ts'
import { HistoryTab } from '../../shared/logs/history-tab.tsx'
import { logTable } from '../../shared/logs/text.ts'
import { useMayAsk } from '../../shared/management/explain.ts'
import { useUser } from '../../shared/management/users.ts'
import { Redirect } from '../../shared/redirect.tsx'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { LoadedPage } from '../../shared/ui/loaded.tsx'
import { NotFound } from '../../shared/ui/not-found.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { LinkTabs } from '../../shared/ui/tabs.tsx'
import { DetailsTab } from './details-tab.tsx'
import { GrantsTab } from './grants-tab.tsx'
import { LogsTab } from './logs-tab.tsx'
import { PermissionsTab } from './permissions-tab.tsx'
import { RolesTab } from './roles-tab.tsx'
import { SessionsTab } from './sessions-tab.tsx'
import { userDetails, users } from './text.ts'
import { PausedTag, UserStatus } from './user-status.tsx'

export function UserPage() {
  const { id } = useParams()
  const can = useCan()
  const { may } = useMayAsk()
  const query = useUser(id)
  return (
    <LoadedPage query={query}>
      {({ value: user }) => (
        <Page
          title={user.email}
          badge={
            <>
              <UserStatus user={user} />
              <PausedTag user={user} />
            </>
          }
          subtitle={<CopyText value={user.user_id} what={userDetails.id} />}
          back={{ to: '/users', label: users.title }}
          actions={
            can('read:roles') && (
              <>
                <Button component={Link} to={`/access/picture?user=${encodeURIComponent(user.user_id)}`}>
                  {users.picture}
                </Button>
                {may && (
                  <Button component={Link} to={explainLinks.may({ user: user.user_id })}>
                    {users.explain}
                  </Button>
                )}
              </>
            )
          }
        >
          <LinkTabs
            label={users.tabs.label}
            base={`/users/${encodeURIComponent(user.user_id)}`}
            tabs={[
              { to: 'details', label: users.tabs.details },
              ...(can('read:roles') || can('read:role_members')
                ? [{ to: 'roles', label: users.tabs.roles }]
                : []),
              { to: 'permissions', label: users.tabs.permissions },
              ...(can('read:sessions') ? [{ to: 'sessions', label: users.tabs.sessions }] : []),
              ...(can('read:grants') ? [{ to: 'applications', label: users.tabs.applications }] : []),
              ...(can('read:logs') || can('read:logs_users') ? [{ to: 'logs', label: users.tabs.logs }] : []),
              ...(can('read:logs') ? [{ to: 'history', label: logTable.history }] : []),
            ]}
          />
          <Routes>
            <Route index element={<Redirect to="details" />} />
            <Route path="details" element={<DetailsTab key={user.user_id} user={user} />} />
            <Route path="roles" element={<RolesTab key={user.user_id} user={user} />} />
            <Route path="permissions" element={<PermissionsTab key={user.user_id} user={user} />} />
            <Route path="sessions" element={<SessionsTab key={user.user_id} user={user} />} />
            <Route path="applications" element={<GrantsTab key={user.user_id} user={user} />} />
            <Route path="logs" element={<LogsTab key={user.user_id} user={user} />} />
            <Route path="history" element={<HistoryTab id={user.user_id} />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </Page>
      )}
    </LoadedPage>
  )
}
