import { Button } from '@mantine/core'
import { useState } from 'react'
import { Link, Route, Routes, useParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { HistoryTab } from '../../shared/logs/history-tab.tsx'
import { logTable } from '../../shared/logs/text.ts'
import { type Role, useRole } from '../../shared/management/roles.ts'
import { Redirect } from '../../shared/redirect.tsx'
import { common } from '../../shared/text.ts'
import { LoadedPage } from '../../shared/ui/loaded.tsx'
import { NotFound } from '../../shared/ui/not-found.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { LinkTabs } from '../../shared/ui/tabs.tsx'
import { Callout, Tag } from '../../shared/ui/tag.tsx'
import { CreateRoleDialog } from './create-role-dialog.tsx'
import { PermissionsTab } from './permissions-tab.tsx'
import { SettingsTab } from './settings-tab.tsx'
import { comparison, roles } from './text.ts'
import { UsersTab } from './users-tab.tsx'

export function RolePage() {
  const { id } = useParams()
  const can = useCan()
  const query = useRole(id)
  return (
    <LoadedPage query={query}>
      {({ value: role }) => (
        <Page
          title={role.name}
          badge={role.type === 'system' && <Tag>{common.system}</Tag>}
          subtitle={role.description}
          back={{ to: '/roles', label: roles.title }}
          actions={<Actions role={role} />}
        >
          <LinkTabs
            label={roles.tabs.label}
            base={`/roles/${role.id}`}
            tabs={[
              { to: 'settings', label: roles.tabs.settings },
              { to: 'permissions', label: roles.tabs.permissions },
              ...(can('read:users') || can('read:role_members')
                ? [{ to: 'users', label: roles.tabs.users }]
                : []),
              ...(can('read:logs') ? [{ to: 'history', label: logTable.history }] : []),
            ]}
          />
          {role.type === 'system' && <Callout>{roles.systemNote}</Callout>}
          <Routes>
            <Route index element={<Redirect to="permissions" />} />
            <Route path="settings" element={<SettingsTab key={role.id} role={role} />} />
            <Route path="permissions" element={<PermissionsTab key={role.id} role={role} />} />
            <Route path="users" element={<UsersTab key={role.id} role={role} />} />
            <Route path="history" element={<HistoryTab id={role.id} />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </Page>
      )}
    </LoadedPage>
  )
}

function Actions({ role }: { role: Role }) {
  const can = useCan()
  const [copying, setCopying] = useState(false)
  return (
    <>
      <Button component={Link} to={`/access/picture?role=${role.id}`}>
        {roles.picture}
      </Button>
      <Button component={Link} to={`/roles/compare?a=${role.id}`}>
        {comparison.button}
      </Button>
      {can('create:roles', 'update:roles') && role.type !== 'system' && (
        <Button onClick={() => setCopying(true)}>{roles.duplicate}</Button>
      )}
      <CreateRoleDialog copyOf={role} opened={copying} onClose={() => setCopying(false)} />
    </>
  )
}
