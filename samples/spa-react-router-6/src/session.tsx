import { useAuth0 } from '@auth0/auth0-react'
import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from 'react'
import { useLocation } from 'react-router-dom'
import { useConfiguration } from './configuration-context.ts'
import { authorizationServerUnreachable } from './failure.ts'

/** Redirects to the authorization server. Each ends with a navigation or with a `failure`. */
interface Session {
  /** Always shows the log-in page, even with a session, so that the visitor can use another account. */
  logIn: () => Promise<void>
  /** For a guarded page: shows the log-in page only if the authorization server has no session. */
  resume: (returnTo: string) => Promise<void>
  signUp: () => Promise<void>
  logOut: () => Promise<void>
  /** Why the last redirect failed, and how to retry it. Reset when the visitor changes the page. */
  failed: { cause: unknown; retry: () => void } | undefined
}

const SessionContext = createContext<Session | undefined>(undefined)

export function useSession(): Session {
  const session = use(SessionContext)
  if (session === undefined) throw new Error('useSession needs a SessionProvider above it')
  return session
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const { loginWithRedirect, logout } = useAuth0()
  const { authorizationServer } = useConfiguration()
  const { key: visit } = useLocation()
  const [failure, setFailure] = useState<{ visit: string; cause: unknown; redirect: () => Promise<void> }>()
  const leaving = useRef(false)

  const leave = useCallback(
    async (redirect: () => Promise<void>) => {
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

  const session = useMemo<Session>(
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
async function expectAnswer(authorizationServer: string): Promise<void> {
  try {
    await fetch(`${authorizationServer}/.well-known/openid-configuration`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(5_000),
    })
  } catch (cause) {
    throw authorizationServerUnreachable(authorizationServer, cause)
  }
}
