import { Route, Routes } from 'react-router'
import { NotFoundPage } from '../../shared/ui/not-found.tsx'
import { ComparePage } from './compare-page.tsx'
import { RoleListPage } from './role-list-page.tsx'
import { RolePage } from './role-page.tsx'

export default function RoleRoutes() {
  return (
    <Routes>
      <Route index element={<RoleListPage />} />
      <Route path="compare" element={<ComparePage />} />
      <Route path=":id/*" element={<RolePage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  )
}
