import { useAuth0 } from '@auth0/auth0-react'
import { useState } from 'react'
import { Navigate } from 'react-router-dom'
import { useConfiguration } from '../configuration-context.js'
import { loginFailure } from '../failure.js'
import { Loader } from '../loader.jsx'
import { FailureNotice } from '../notice.jsx'
import { Page } from '../page.jsx'
import { useSession } from '../session.jsx'

/** The redirect target of the authorization server. The SDK redeems the code, then the router navigates on. */
export function CallbackPage() {
  const { error, isAuthenticated, isLoading } = useAuth0()
  const { authorizationServer } = useConfiguration()
  const { resume } = useSession()
  // Read once: the SDK finishes before the router has navigated, and this page must not react to that.
  const [returning] = useState(() => new URLSearchParams(window.location.search).has('state'))

  if (error) {
    return (
      <Page title="Log-in not completed">
        <FailureNotice
          failure={loginFailure(authorizationServer, error)}
          action={{ label: 'Try again', run: () => void resume('/profile') }}
        />
      </Page>
    )
  }
  if (isLoading || returning) return <Loader label="Completing your log-in…" />
  return <Navigate to={isAuthenticated ? '/profile' : '/'} replace />
}
