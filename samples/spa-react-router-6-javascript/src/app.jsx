import { createBrowserRouter, RouterProvider } from 'react-router-dom'
import { Authentication } from './authentication.jsx'
import { ConfigurationContext } from './configuration-context.js'
import { Layout } from './layout.jsx'
import { AdminPage } from './pages/admin.jsx'
import { CallbackPage } from './pages/callback.jsx'
import { HomePage } from './pages/home.jsx'
import { NotFoundPage } from './pages/not-found.jsx'
import { ProfilePage } from './pages/profile.jsx'
import { ProtectedPage } from './pages/protected.jsx'
import { PublicPage } from './pages/public.jsx'
import { UnexpectedPage } from './pages/unexpected.jsx'
import { RequireLogin } from './require-login.jsx'
import { SessionProvider } from './session.jsx'

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

export function App({ configuration }) {
  return (
    <ConfigurationContext value={configuration}>
      <RouterProvider router={router} />
    </ConfigurationContext>
  )
}
