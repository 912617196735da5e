import { createBrowserRouter, RouterProvider } from 'react-router-dom'
import { Authentication } from './authentication.tsx'
import type { Configuration } from './configuration.ts'
import { ConfigurationContext } from './configuration-context.ts'
import { Layout } from './layout.tsx'
import { AdminPage } from './pages/admin.tsx'
import { CallbackPage } from './pages/callback.tsx'
import { HomePage } from './pages/home.tsx'
import { NotFoundPage } from './pages/not-found.tsx'
import { ProfilePage } from './pages/profile.tsx'
import { ProtectedPage } from './pages/protected.tsx'
import { PublicPage } from './pages/public.tsx'
import { UnexpectedPage } from './pages/unexpected.tsx'
import { RequireLogin } from './require-login.tsx'
import { SessionProvider } from './session.tsx'

const router = createBrowserRouter([
  {
    element: (
      <Authentication>
        <SessionProvider>
          <Layout />
        </SessionProvider>
      </Authentication>
    ),
    errorElement: <UnexpectedPage />,
    children: [
      { path: '/', element: <HomePage /> },
      { path: '/public', element: <PublicPage /> },
      { path: '/callback', element: <CallbackPage /> },
      {
        element: <RequireLogin />,
        children: [
          { path: '/profile', element: <ProfilePage /> },
          { path: '/protected', element: <ProtectedPage /> },
          { path: '/admin', element: <AdminPage /> },
        ],
      },
      { path: '*', element: <NotFoundPage /> },
    ],
  },
])

export function App({ configuration }: { configuration: Configuration }) {
  return (
    <ConfigurationContext value={configuration}>
      <RouterProvider router={router} />
    </ConfigurationContext>
  )
}
