import { Route, Routes } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { Redirect } from '../../shared/redirect.tsx'
import { NotFound } from '../../shared/ui/not-found.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { LinkTabs } from '../../shared/ui/tabs.tsx'
import { GridView } from './grid-view.tsx'
import { PictureView } from './picture-view.tsx'
import { ReviewView } from './review-view.tsx'
import { access } from './text.ts'

export default function AccessRoutes() {
  const can = useCan()
  return (
    <Page title={access.title} subtitle={access.subtitle} wide>
      <LinkTabs
        label={access.tabs.label}
        base="/access"
        tabs={[
          { to: 'grid', label: access.tabs.grid },
          { to: 'picture', label: access.tabs.picture },
          ...(can('read:users', 'read:resource_servers')
            ? [{ to: 'review', label: access.tabs.review }]
            : []),
        ]}
      />
      <Routes>
        <Route index element={<Redirect to="grid" />} />
        <Route path="grid" element={<GridView />} />
        <Route path="picture" element={<PictureView />} />
        <Route path="review" element={<ReviewView />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Page>
  )
}
