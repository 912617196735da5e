import { Route, Routes } from 'react-router'
import { NotFoundPage } from '../../shared/ui/not-found.tsx'
import { LogEntryPage } from './log-entry-page.tsx'
import { LogsPage } from './logs-page.tsx'

export default function LogRoutes() {
  return (
    <Routes>
      <Route index element={<LogsPage />} />
      <Route path=":id" element={<LogEntryPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  )
}
