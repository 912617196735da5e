import { Route, Routes } from 'react-router'
import { NotFoundPage } from '../../shared/ui/not-found.tsx'
import { ConnectionListPage } from './connection-list-page.tsx'
import { ConnectionPage } from './connection-page.tsx'

export default function ConnectionRoutes() {
  return (
    <Routes>
      <Route index element={<ConnectionListPage />} />
      <Route path=":id/*" element={<ConnectionPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  )
}
