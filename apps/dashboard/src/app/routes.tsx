import { lazy } from 'react'
import { Route, Routes } from 'react-router'
import { NotFoundPage } from '../shared/ui/not-found-page.tsx'
import { Shell } from './shell.tsx'

const pages = {
  '': () => import('../features/get-started/get-started-page.tsx'),
  apis: () => import('../features/apis/routes.tsx'),
  roles: () => import('../features/roles/routes.tsx'),
  users: () => import('../features/users/routes.tsx'),
  applications: () => import('../features/applications/routes.tsx'),
  access: () => import('../features/access/routes.tsx'),
  logs: () => import('../features/logs/routes.tsx'),
  settings: () => import('../features/settings/routes.tsx'),
}

const GetStarted = lazy(pages[''])
const Apis = lazy(pages.apis)
const Roles = lazy(pages.roles)
const Users = lazy(pages.users)
const Applications = lazy(pages.applications)
const Access = lazy(pages.access)
const Logs = lazy(pages.logs)
const Settings = lazy(pages.settings)

/** Fetches a page's chunk while the log-in is still under way. @param path with the `/dashboard` it begins with */
export function preloadPage(path: string): void {
  const [, , name = ''] = path.split('/')
  // A chunk that cannot be had is reported when the page is shown.
  if (isPage(name)) pages[name]().catch(() => undefined)
}

function isPage(name: string): name is keyof typeof pages {
  return Object.hasOwn(pages, name)
}

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
