import { Button } from '@mantine/core'
import { hasUnauthenticatedGrant } from '@rolecall/contract'
import { Link, Route, Routes, useParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { explainLinks } from '../../shared/explain-links.ts'
import { HistoryTab } from '../../shared/logs/history-tab.tsx'
import { logTable } from '../../shared/logs/text.ts'
import { useApplication } from '../../shared/management/applications.ts'
import { useMayAsk } from '../../shared/management/explain.ts'
import { Redirect } from '../../shared/redirect.tsx'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { LoadedPage } from '../../shared/ui/loaded.tsx'
import { NotFound } from '../../shared/ui/not-found.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { LinkTabs } from '../../shared/ui/tabs.tsx'
import { Callout, Tag } from '../../shared/ui/tag.tsx'
import { ApisTab } from './apis-tab.tsx'
import { QuickStartTab } from './quick-start-tab.tsx'
import { SettingsTab } from './settings-tab.tsx'
import { applications, typeName } from './text.ts'

export function ApplicationPage() {
  const { id } = useParams()
  const can = useCan()
  const { may } = useMayAsk()
  const query = useApplication(id)
  return (
    <LoadedPage query={query}>
      {({ value: application }) => (
        <Page
          title={application.name}
          badge={<Tag>{typeName(application)}</Tag>}
          subtitle={<CopyText value={application.client_id} what={applications.clientId} />}
          back={{ to: '/applications', label: applications.title }}
          actions={
            may && (
              <Button component={Link} to={explainLinks.may({ client: application.client_id })}>
                {applications.explain}
              </Button>
            )
          }
        >
          <LinkTabs
            label={applications.tabs.label}
            base={`/applications/${application.client_id}`}
            tabs={[
              { to: 'settings', label: applications.tabs.settings },
              ...(can('read:client_grants', 'read:resource_servers')
                ? [{ to: 'apis', label: applications.tabs.apis }]
                : []),
              { to: 'quick-start', label: applications.tabs.quickStart },
              ...(can('read:logs') ? [{ to: 'history', label: logTable.history }] : []),
            ]}
          />
          {application.is_system && <Callout>{applications.systemNote}</Callout>}
          {hasUnauthenticatedGrant(application) && (
            <Callout tone="danger">{applications.unauthenticatedNote}</Callout>
          )}
          <Routes>
            <Route index element={<Redirect to="settings" />} />
            <Route
              path="settings"
              element={<SettingsTab key={application.client_id} application={application} />}
            />
            <Route path="apis" element={<ApisTab application={application} />} />
            <Route path="quick-start" element={<QuickStartTab application={application} />} />
            <Route path="history" element={<HistoryTab id={application.client_id} />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </Page>
      )}
    </LoadedPage>
  )
}
