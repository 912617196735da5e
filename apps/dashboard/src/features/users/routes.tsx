import { Route, Routes } from 'react-router'
import { NotFoundPage } from '../../shared/ui/not-found.tsx'
import { ImportPage } from './import-page.tsx'
import { UserListPage } from './user-list-page.tsx'
import { UserPage } from './user-page.tsx'

export default function UserRoutes() {
  return (
    <Routes>
      <Route index element={<UserListPage />} />
      <Route path="import" element={<ImportPage />} />
      <Route path=":id/*" element={<UserPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  )
}
