import { Button } from '@mantine/core'
import { Link, Route, Routes, useParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { explainLinks } from '../../shared/explain-links.ts'
import { HistoryTab } from '../../shared/logs/history-tab.tsx'
import { logTable } from '../../shared/logs/text.ts'
import { useApiById } from '../../shared/management/apis.ts'
import { useMayAsk } from '../../shared/management/explain.ts'
import { Redirect } from '../../shared/redirect.tsx'
import { common } from '../../shared/text.ts'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { LoadedPage } from '../../shared/ui/loaded.tsx'
import { NotFound } from '../../shared/ui/not-found.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { LinkTabs } from '../../shared/ui/tabs.tsx'
import { Callout, Tag } from '../../shared/ui/tag.tsx'
import { MachineTab } from './machine-tab.tsx'
import { PermissionsTab } from './permissions-tab.tsx'
import { SettingsTab } from './settings-tab.tsx'
import { TestTab } from './test-tab.tsx'
import { apis } from './text.ts'

export function ApiPage() {
  const { id } = useParams()
  const can = useCan()
  const { who } = useMayAsk()
  const query = useApiById(id)
  return (
    <LoadedPage query={query}>
      {({ value: api, version }) => (
        <Page
          title={api.name}
          badge={api.is_system && <Tag>{common.system}</Tag>}
          subtitle={<CopyText value={api.identifier} what={common.identifier} />}
          back={{ to: '/apis', label: apis.title }}
          actions={
            who && (
              <Button component={Link} to={explainLinks.who({ api: api.identifier })}>
                {apis.whoCan}
              </Button>
            )
          }
        >
          <LinkTabs
            label={apis.tabs.label}
            base={`/apis/${api.id}`}
            tabs={[
              { to: 'settings', label: apis.tabs.settings },
              { to: 'permissions', label: apis.tabs.permissions },
              ...(can('read:client_grants', 'read:clients')
                ? [{ to: 'machine', label: apis.tabs.machine }]
                : []),
              { to: 'test', label: apis.tabs.test },
              ...(can('read:logs') ? [{ to: 'history', label: logTable.history }] : []),
            ]}
          />
          {api.is_system && <Callout>{apis.systemNote}</Callout>}
          <Routes>
            <Route index element={<Redirect to="settings" />} />
            <Route path="settings" element={<SettingsTab key={api.id} api={api} />} />
            <Route path="permissions" element={<PermissionsTab key={api.id} api={api} version={version} />} />
            <Route path="machine" element={<MachineTab key={api.id} api={api} />} />
            <Route path="test" element={<TestTab key={api.id} api={api} />} />
            <Route path="history" element={<HistoryTab id={api.id} />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </Page>
      )}
    </LoadedPage>
  )
}
