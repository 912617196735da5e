import { Route, Routes } from 'react-router'
import { NotFoundPage } from '../../shared/ui/not-found.tsx'
import { ApiListPage } from './api-list-page.tsx'
import { ApiPage } from './api-page.tsx'

export default function ApiRoutes() {
  return (
    <Routes>
      <Route index element={<ApiListPage />} />
      <Route path=":id/*" element={<ApiPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  )
}
