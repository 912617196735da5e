import { Link, Route, Routes, useParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { HistoryTab } from '../../shared/logs/history-tab.tsx'
import { logTable } from '../../shared/logs/text.ts'
import { useConnection } from '../../shared/management/connections.ts'
import { Redirect } from '../../shared/redirect.tsx'
import { LoadedPage } from '../../shared/ui/loaded.tsx'
import { NotFound } from '../../shared/ui/not-found.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { LinkTabs } from '../../shared/ui/tabs.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { ApplicationsTab } from './applications-tab.tsx'
import { typeName } from './connection-list-page.tsx'
import { RoleMappingTab } from './role-mapping-tab.tsx'
import { SettingsTab } from './settings-tab.tsx'
import { connections as text } from './text.ts'

export function ConnectionPage() {
  const { id } = useParams()
  const can = useCan()
  const query = useConnection(id)
  return (
    <LoadedPage query={query}>
      {({ value: connection }) => {
        const isProvider = connection.strategy !== 'auth0'
        const first = isProvider ? 'settings' : 'applications'
        return (
          <Page
            title={connection.name}
            subtitle={typeName(connection.strategy)}
            back={{ to: '/connections', label: text.title }}
          >
            <LinkTabs
              label={text.tabs.label}
              base={`/connections/${connection.id}`}
              tabs={[
                ...(isProvider ? [{ to: 'settings', label: text.tabs.settings }] : []),
                ...(can('read:clients') ? [{ to: 'applications', label: text.tabs.applications }] : []),
                ...(isProvider && can('read:roles') ? [{ to: 'roles', label: text.tabs.roles }] : []),
                ...(can('read:logs') ? [{ to: 'history', label: logTable.history }] : []),
              ]}
            />
            {!isProvider && (
              <Callout>
                {text.database} <Link to="/settings/log-in">{text.tabs.settings}</Link>
              </Callout>
            )}
            <Routes>
              <Route index element={<Redirect to={first} />} />
              {isProvider && <Route path="settings" element={<SettingsTab connection={connection} />} />}
              <Route path="applications" element={<ApplicationsTab id={connection.id} />} />
              {isProvider && <Route path="roles" element={<RoleMappingTab id={connection.id} />} />}
              <Route path="history" element={<HistoryTab id={connection.id} />} />
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Page>
        )
      }}
    </LoadedPage>
  )
}
