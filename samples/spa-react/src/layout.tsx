import { useAuth0 } from '@auth0/auth0-react'
import { useEffect, useRef } from 'react'
import { Link, NavLink, Outlet, useLocation } from 'react-router'
import { useConfiguration } from './configuration-context.ts'
import { Logo } from './logo.tsx'
import { FailureNotice } from './notice.tsx'
import { useSession } from './session.tsx'

export function Layout() {
  const { failed } = useSession()
  const { authorizationServer, apiServerUrl } = useConfiguration()
  const main = useFocusOnNavigation()
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="header">
        <div className="header-row">
          <Link to="/" className="brand">
            <Logo />
            <span>
              Rolecall <span className="brand-part">Hello World</span>
            </span>
          </Link>
          <Tabs />
          <SessionButtons />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {failed && (
          <FailureNotice failure={failed.cause} action={{ label: 'Try again', run: failed.retry }} />
        )}
        <Outlet />
      </main>
      <footer className="footer">
        <dl>
          <div>
            <dt>Authorization server</dt>
            <dd>{authorizationServer}</dd>
          </div>
          <div>
            <dt>API server</dt>
            <dd>{apiServerUrl}</dd>
          </div>
        </dl>
      </footer>
    </>
  )
}

function Tabs() {
  const { isAuthenticated } = useAuth0()
  return (
    <nav className="tabs" aria-label="Main">
      <NavLink to="/profile">Profile</NavLink>
      <NavLink to="/public">Public</NavLink>
      {isAuthenticated && <NavLink to="/protected">Protected</NavLink>}
      {isAuthenticated && <NavLink to="/admin">Admin</NavLink>}
    </nav>
  )
}

function SessionButtons() {
  const { isAuthenticated, isLoading } = useAuth0()
  const { logIn, signUp, logOut } = useSession()
  // Hidden until the SDK has looked for a session, because the buttons would flicker otherwise.
  if (isLoading) return <div className="session-buttons" aria-hidden="true" />
  return (
    <div className="session-buttons">
      {isAuthenticated ? (
        <button type="button" className="button" onClick={() => void logOut()}>
          Log Out
        </button>
      ) : (
        <>
          <button type="button" className="button button-primary" onClick={() => void signUp()}>
            Sign Up
          </button>
          <button type="button" className="button" onClick={() => void logIn()}>
            Log In
          </button>
        </>
      )}
    </div>
  )
}

/** Moves the focus to a new page, because screen readers announce nothing without a page load. */
function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    main.current?.focus()
    window.scrollTo(0, 0)
  }, [pathname])
  return main
}
