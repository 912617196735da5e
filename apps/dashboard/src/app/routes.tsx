import { lazy } from 'react'
import { Route, Routes } from 'react-router'
import { NotFoundPage } from '../shared/ui/not-found-page.tsx'
import { Shell } from './shell.tsx'

const GetStarted = lazy(() => import('../features/get-started/get-started-page.tsx'))
const Apis = lazy(() => import('../features/apis/routes.tsx'))
const Roles = lazy(() => import('../features/roles/routes.tsx'))
const Users = lazy(() => import('../features/users/routes.tsx'))
const Applications = lazy(() => import('../features/applications/routes.tsx'))
const Access = lazy(() => import('../features/access/routes.tsx'))
const Logs = lazy(() => import('../features/logs/routes.tsx'))
const Settings = lazy(() => import('../features/settings/routes.tsx'))

/** Every page has its address, and its own chunk. */
export function DashboardRoutes() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<GetStarted />} />
        {/* Empty: who comes back from a log-in goes on to where they were going, see log-in.tsx. */}
        <Route path="callback" element={null} />
        <Route path="apis/*" element={<Apis />} />
        <Route path="roles/*" element={<Roles />} />
        <Route path="users/*" element={<Users />} />
        <Route path="applications/*" element={<Applications />} />
        <Route path="access/*" element={<Access />} />
        <Route path="logs/*" element={<Logs />} />
        <Route path="settings/*" element={<Settings />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  )
}
