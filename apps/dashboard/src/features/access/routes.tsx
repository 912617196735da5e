import { Navigate, Route, Routes } from 'react-router'
import { NotFound } from '../../shared/ui/not-found.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { LinkTabs } from '../../shared/ui/tabs.tsx'
import { GridView } from './grid-view.tsx'
import { PictureView } from './picture-view.tsx'
import { access } from './text.ts'

export default function AccessRoutes() {
  return (
    <Page title={access.title} subtitle={access.subtitle} wide>
      <LinkTabs
        label={access.tabs.label}
        base="/access"
        tabs={[
          { to: 'grid', label: access.tabs.grid },
          { to: 'picture', label: access.tabs.picture },
        ]}
      />
      <Routes>
        <Route index element={<Navigate to="grid" replace />} />
        <Route path="grid" element={<GridView />} />
        <Route path="picture" element={<PictureView />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Page>
  )
}
