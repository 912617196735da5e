import { type AppState, Auth0Provider } from '@auth0/auth0-react'
import { type ReactNode, useCallback } from 'react'
import { useNavigate } from 'react-router-dom'
import { useConfiguration } from './configuration-context.ts'

/** Sets up Auth0's SDK, and hands its way back from the log-in to the router. */
export function Authentication({ children }: { children: ReactNode }) {
  const { authorizationServer, clientId, callbackUrl, audience, useRefreshTokens } = useConfiguration()
  const navigate = useNavigate()
  const returnFromLogin = useCallback(
    // Replacing keeps the used-up code out of the history: Back must not offer it a second time.
    (appState?: AppState) => void navigate(appState?.returnTo ?? '/profile', { replace: true }),
    [navigate],
  )
  return (
    <Auth0Provider
      domain={authorizationServer}
      clientId={clientId}
      authorizationParams={{ redirect_uri: callbackUrl, audience }}
      onRedirectCallback={returnFromLogin}
      // A server that is down never answers in the iframe; the SDK's own 60 s would look like a hang.
      authorizeTimeoutInSeconds={15}
      // A refresh token in memory would be gone after a reload, so that way of renewal needs localStorage.
      useRefreshTokens={useRefreshTokens}
      useRefreshTokensFallback={useRefreshTokens}
      cacheLocation={useRefreshTokens ? 'localstorage' : 'memory'}
    >
      {children}
    </Auth0Provider>
  )
}
