import { type AppState, Auth0Provider } from '@auth0/auth0-react'
import { type ReactNode, useCallback } from 'react'
import { useNavigate } from 'react-router-dom'
import { useConfiguration } from './configuration-context.ts'

/** Sets up Auth0's SDK. After a log-in the router navigates to the requested page. */
export function Authentication({ children }: { children: ReactNode }) {
  const { authorizationServer, clientId, callbackUrl, audience, useRefreshTokens } = useConfiguration()
  const navigate = useNavigate()
  const returnFromLogin = useCallback(
    // Replaces the history entry, so that Back does not lead to the used code.
    (appState?: AppState) => void navigate(appState?.returnTo ?? '/profile', { replace: true }),
    [navigate],
  )
  return (
    <Auth0Provider
      domain={authorizationServer}
      clientId={clientId}
      authorizationParams={{ redirect_uri: callbackUrl, audience }}
      onRedirectCallback={returnFromLogin}
      // An unreachable server never answers in the iframe, and the SDK's default of 60 s is too long.
      authorizeTimeoutInSeconds={15}
      // Refresh tokens need localStorage: in memory they would be lost at a reload.
      useRefreshTokens={useRefreshTokens}
      useRefreshTokensFallback={useRefreshTokens}
      cacheLocation={useRefreshTokens ? 'localstorage' : 'memory'}
    >
      {children}
    </Auth0Provider>
  )
}
