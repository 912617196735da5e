import { Route, Routes } from 'react-router'
import { NotFoundPage } from '../../shared/ui/not-found.tsx'
import { UserListPage } from './user-list-page.tsx'
import { UserPage } from './user-page.tsx'

export default function UserRoutes() {
  return (
    <Routes>
      <Route index element={<UserListPage />} />
      <Route path=":id/*" element={<UserPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  )
}
