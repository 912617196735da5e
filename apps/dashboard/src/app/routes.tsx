import { type ComponentType, createElement, lazy } from 'react'
import { Route, Routes } from 'react-router'
import { NotFoundPage } from '../shared/ui/not-found.tsx'
import { Shell } from './shell.tsx'

const pages = {
  '': () => import('../features/overview/overview-page.tsx'),
  'get-started': () => import('../features/get-started/get-started-page.tsx'),
  apis: () => import('../features/apis/routes.tsx'),
  roles: () => import('../features/roles/routes.tsx'),
  users: () => import('../features/users/routes.tsx'),
  connections: () => import('../features/connections/routes.tsx'),
  applications: () => import('../features/applications/routes.tsx'),
  access: () => import('../features/access/routes.tsx'),
  explain: () => import('../features/explain/routes.tsx'),
  logs: () => import('../features/logs/routes.tsx'),
  settings: () => import('../features/settings/routes.tsx'),
}

type PageName = keyof typeof pages

const lazyPages: Record<PageName, ComponentType> = {
  '': lazy(pages['']),
  'get-started': lazy(pages['get-started']),
  apis: lazy(pages.apis),
  roles: lazy(pages.roles),
  users: lazy(pages.users),
  connections: lazy(pages.connections),
  applications: lazy(pages.applications),
  access: lazy(pages.access),
  explain: lazy(pages.explain),
  logs: lazy(pages.logs),
  settings: lazy(pages.settings),
}
const loadedPages = new Map<PageName, ComponentType>()

/**
 * Fetches a page's chunk while the log-in is still under way. A lazy component suspends even when its chunk is there,
 * and React then holds the page back for 300 ms; a loaded one is taken as it is.
 * @param path with the `/dashboard` it begins with
 */
export async function preloadPage(path: string): Promise<void> {
  const [, , name = ''] = path.split('/')
  if (isPage(name)) loadedPages.set(name, (await pages[name]()).default)
}

function isPage(name: string): name is PageName {
  return Object.hasOwn(pages, name)
}

function PageOf({ name }: { name: PageName }) {
  return createElement(loadedPages.get(name) ?? lazyPages[name])
}

/** Every page has its address, and its own chunk. */
export function DashboardRoutes() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<PageOf name="" />} />
        <Route path="get-started" element={<PageOf name="get-started" />} />
        {/* Empty: who comes back from a log-in goes on to where they were going, see log-in.tsx. */}
        <Route path="callback" element={null} />
        <Route path="apis/*" element={<PageOf name="apis" />} />
        <Route path="roles/*" element={<PageOf name="roles" />} />
        <Route path="users/*" element={<PageOf name="users" />} />
        <Route path="connections/*" element={<PageOf name="connections" />} />
        <Route path="applications/*" element={<PageOf name="applications" />} />
        <Route path="access/*" element={<PageOf name="access" />} />
        <Route path="explain/*" element={<PageOf name="explain" />} />
        <Route path="logs/*" element={<PageOf name="logs" />} />
        <Route path="settings/*" element={<PageOf name="settings" />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  )
}
