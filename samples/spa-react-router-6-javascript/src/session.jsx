import { useAuth0 } from '@auth0/auth0-react'
import { createContext, use, useCallback, useMemo, useRef, useState } from 'react'
import { useLocation } from 'react-router-dom'
import { useConfiguration } from './configuration-context.js'
import { authorizationServerUnreachable } from './failure.js'

const SessionContext = createContext(undefined)

export function useSession() {
  const session = use(SessionContext)
  if (session === undefined) throw new Error('useSession needs a SessionProvider above it')
  return session
}

export function SessionProvider({ children }) {
  const { loginWithRedirect, logout } = useAuth0()
  const { authorizationServer } = useConfiguration()
  const { key: visit } = useLocation()
  const [failure, setFailure] = useState()
  const leaving = useRef(false)

  const leave = useCallback(
    async (redirect) => {
      // The SDK stores the state of one log-in at a time. Starting a second one would break the first.
      if (leaving.current) return
      leaving.current = true
      setFailure(undefined)
      try {
        await expectAnswer(authorizationServer)
        await redirect()
      } catch (cause) {
        setFailure({ visit, cause, redirect })
      } finally {
        leaving.current = false
      }
    },
    [authorizationServer, visit],
  )

  const session = useMemo(
    () => ({
      logIn: () =>
        leave(() =>
          loginWithRedirect({
            appState: { returnTo: '/profile' },
            authorizationParams: { prompt: 'login' },
          }),
        ),
      resume: (returnTo) => leave(() => loginWithRedirect({ appState: { returnTo } })),
      signUp: () =>
        leave(() =>
          loginWithRedirect({
            appState: { returnTo: '/profile' },
            authorizationParams: { prompt: 'login', screen_hint: 'signup' },
          }),
        ),
      logOut: () => leave(() => logout({ logoutParams: { returnTo: window.location.origin } })),
      failed:
        failure?.visit === visit
          ? { cause: failure.cause, retry: () => void leave(failure.redirect) }
          : undefined,
    }),
    [leave, loginWithRedirect, logout, failure, visit],
  )
  return <SessionContext value={session}>{children}</SessionContext>
}

/** Checks the server before a redirect. If it is down, the browser would replace this page with its own error page. */
async function expectAnswer(authorizationServer) {
  try {
    await fetch(`${authorizationServer}/.well-known/openid-configuration`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(5_000),
    })
  } catch (cause) {
    throw authorizationServerUnreachable(authorizationServer, cause)
  }
}
