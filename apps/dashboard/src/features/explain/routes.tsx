import { Route, Routes, useLocation } from 'react-router'
import { useMayAsk } from '../../shared/management/explain.ts'
import { Redirect } from '../../shared/redirect.tsx'
import { NotFound } from '../../shared/ui/not-found.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { LinkTabs } from '../../shared/ui/tabs.tsx'
import { ClaimsView } from './claims-view.tsx'
import './explain.css'
import { MayView } from './may-view.tsx'
import { explain } from './text.ts'
import { TokenView } from './token-view.tsx'
import { WhoView } from './who-view.tsx'

export default function ExplainRoutes() {
  const { search } = useLocation()
  const { may, who, claims } = useMayAsk()
  const tabs = [
    ...(may ? (['may'] as const) : []),
    ...(who ? (['who'] as const) : []),
    ...(claims ? (['claims'] as const) : []),
    'token' as const,
  ]
  return (
    <Page title={explain.title} subtitle={explain.subtitle}>
      <LinkTabs
        label={explain.tabs.label}
        base="/explain"
        // The next question is about the same user, application and API.
        tabs={tabs.map((tab) => ({ to: `${tab}${search}`, label: explain.tabs[tab] }))}
      />
      <Routes>
        <Route index element={<Redirect to={tabs[0] ?? 'token'} />} />
        <Route path="may" element={<MayView />} />
        <Route path="who" element={<WhoView />} />
        <Route path="claims" element={<ClaimsView />} />
        <Route path="token" element={<TokenView />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Page>
  )
}
