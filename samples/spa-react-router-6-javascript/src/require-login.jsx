import { useAuth0 } from '@auth0/auth0-react'
import { useEffect } from 'react'
import { Outlet, useLocation } from 'react-router-dom'
import { Loader } from './loader.jsx'
import { Page } from './page.jsx'
import { useSession } from './session.jsx'

/** Guards the pages below it: a visitor without a session logs in first and then returns to the requested page. */
export function RequireLogin() {
  const { isAuthenticated, isLoading } = useAuth0()
  const { resume, failed } = useSession()
  const { pathname, search } = useLocation()
  const mustLogIn = !isLoading && !isAuthenticated && failed === undefined

  useEffect(() => {
    if (mustLogIn) void resume(`${pathname}${search}`)
  }, [mustLogIn, resume, pathname, search])

  if (isAuthenticated) return <Outlet />
  if (failed) return <Page title="Log in to see this page" />
  return <Loader label={isLoading ? 'Looking for your session…' : 'Taking you to log in…'} />
}
