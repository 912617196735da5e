import { Route, Routes } from 'react-router'
import { NotFoundPage } from '../../shared/ui/not-found.tsx'
import { ApplicationListPage } from './application-list-page.tsx'
import { ApplicationPage } from './application-page.tsx'

export default function ApplicationRoutes() {
  return (
    <Routes>
      <Route index element={<ApplicationListPage />} />
      <Route path=":id/*" element={<ApplicationPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  )
}
