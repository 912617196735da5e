import { Route, Routes } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { Redirect } from '../../shared/redirect.tsx'
import { NotFound } from '../../shared/ui/not-found.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { LinkTabs } from '../../shared/ui/tabs.tsx'
import { FactorsTab } from './factors-tab.tsx'
import { KeysTab } from './keys-tab.tsx'
import { LogInTab } from './log-in-tab.tsx'
import { MailTab } from './mail-tab.tsx'
import { SessionsTab } from './sessions-tab.tsx'
import { StreamsTab } from './streams-tab.tsx'
import { TenantTab } from './tenant-tab.tsx'
import { settings } from './text.ts'

export default function SettingsRoutes() {
  const can = useCan()
  const tenant = can('read:tenant_settings')
  const tabs = [
    ...(tenant ? (['tenant', 'sessions'] as const) : []),
    ...(can('read:connections') ? (['logIn'] as const) : []),
    ...(can('read:mfa_policies') ? (['factors'] as const) : []),
    ...(tenant ? (['mail'] as const) : []),
    ...(can('read:signing_keys') ? (['keys'] as const) : []),
    ...(can('read:log_streams') ? (['streams'] as const) : []),
  ]
  return (
    <Page title={settings.title} subtitle={settings.subtitle}>
      <LinkTabs
        label={settings.tabs.label}
        base="/settings"
        tabs={tabs.map((tab) => ({ to: address[tab], label: settings.tabs[tab] }))}
      />
      <Routes>
        <Route index element={<Redirect to={address[tabs[0] ?? 'tenant']} />} />
        <Route path="tenant" element={<TenantTab />} />
        <Route path="sessions" element={<SessionsTab />} />
        <Route path="log-in" element={<LogInTab />} />
        <Route path="second-factors" element={<FactorsTab />} />
        <Route path="mail" element={<MailTab />} />
        <Route path="keys" element={<KeysTab />} />
        <Route path="streams" element={<StreamsTab />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Page>
  )
}

const address = {
  tenant: 'tenant',
  sessions: 'sessions',
  logIn: 'log-in',
  factors: 'second-factors',
  mail: 'mail',
  keys: 'keys',
  streams: 'streams',
} as const
