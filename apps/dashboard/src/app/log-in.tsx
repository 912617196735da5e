import type { Auth0Client } from '@auth0/auth0-spa-js'
import { QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { ApiContext } from '../shared/api/api-context.ts'
import { SessionEnded } from '../shared/api/api-error.ts'
import { ManagementApi } from '../shared/api/management-api.ts'
import { createQueryClient } from '../shared/api/query-client.ts'
import { accessToken, createAuthClient } from '../shared/auth/auth-client.ts'
import { decodeToken } from '../shared/auth/claims.ts'
import { type Session, SessionContext } from '../shared/auth/session.ts'
import { type Configuration, loadConfiguration } from '../shared/configuration.ts'
import { ConfigurationContext } from '../shared/configuration-context.ts'
import { Notice } from './notice.tsx'
import { Splash } from './splash.tsx'
import { shell } from './text.ts'

interface Ready {
  configuration: Configuration
  client: Auth0Client
  user: Session['user']
  permissions: ReadonlySet<string>
}

type State =
  | { at: 'starting' }
  | { at: 'failed'; title: string; message: string; retry: () => void }
  | ({ at: 'ready' } & Ready)

// One login for the page: in development, React mounts this twice.
let starting: Promise<Ready | undefined> | undefined

/** Shows the dashboard to a user with a session. Others are sent to log in, and back to the requested page. */
export function LogIn({ preloaded, children }: { preloaded: Promise<void>; children: ReactNode }) {
  const [state, setState] = useState<State>({ at: 'starting' })
  const navigate = useNavigate()

  useEffect(() => {
    let mounted = true
    starting ??= start((to) => void navigate(to, { replace: true })).then(async (ready) => {
      await preloaded
      return ready
    })
    starting.then(
      (ready) => mounted && ready && setState({ at: 'ready', ...ready }),
      (error: Error) =>
        mounted &&
        setState({
          at: 'failed',
          title: error instanceof LogInRefused ? shell.logInFailed : shell.startFailed,
          message: error.message,
          retry: () => location.assign('/dashboard/'),
        }),
    )
    return () => {
      mounted = false
    }
  }, [navigate, preloaded])

  if (state.at === 'starting') return <Splash />
  if (state.at === 'failed')
    return (
      <Notice title={state.title} body={state.message} action={shell.logInAgain} onAction={state.retry} />
    )
  return <LoggedIn {...state}>{children}</LoggedIn>
}

function LoggedIn({ configuration, client, user, permissions, children }: Ready & { children: ReactNode }) {
  const session = useMemo<Session>(
    () => ({
      user,
      permissions,
      logInAgain: () => void sendToLogIn(client),
      logOut: () => void client.logout({ logoutParams: { returnTo: `${configuration.issuer}dashboard/` } }),
    }),
    [client, configuration, user, permissions],
  )
  const [api] = useState(
    () =>
      new ManagementApi(configuration.audience, {
        token: ({ fresh = false } = {}) => accessToken(client, fresh, user.sub),
      }),
  )
  const [queries] = useState(() => createQueryClient(() => void sendToLogIn(client)))
  if (permissions.size === 0)
    return (
      <Notice
        title={shell.noAccessTitle}
        body={shell.noAccessBody(user.email ?? user.name)}
        action={shell.otherAccount}
        onAction={() => void sendToLogIn(client, { prompt: 'login' })}
      />
    )
  return (
    <ConfigurationContext value={configuration}>
      <SessionContext value={session}>
        <ApiContext value={api}>
          <QueryClientProvider client={queries}>{children}</QueryClientProvider>
        </ApiContext>
      </SessionContext>
    </ConfigurationContext>
  )
}

class LogInRefused extends Error {}

/** @returns undefined when the browser is on its way to the log-in page */
async function start(go: (to: string) => void): Promise<Ready | undefined> {
  const configuration = await loadConfiguration()
  const client = createAuthClient(configuration)
  if (location.pathname === '/dashboard/callback') go(await finishLogIn(client))
  try {
    const token = await accessToken(client, false)
    const { sub, permissions = [] } = decodeToken(token).payload
    const profile = await client.getUser()
    return {
      configuration,
      client,
      user: { sub, name: profile?.name ?? sub, email: profile?.email },
      permissions: new Set(permissions),
    }
  } catch (error) {
    if (!(error instanceof SessionEnded)) throw error
    await sendToLogIn(client)
    return undefined
  }
}

/** @returns where the person was going */
async function finishLogIn(client: Auth0Client): Promise<string> {
  try {
    const { appState } = await client.handleRedirectCallback<{ returnTo?: string }>()
    return appState?.returnTo ?? '/'
  } catch (cause) {
    throw new LogInRefused(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

let leaving = false

async function sendToLogIn(
  client: Auth0Client,
  authorizationParams: { prompt?: 'login' } = {},
): Promise<void> {
  // The SDK remembers one log-in at a time: a second one begun meanwhile would break the first.
  if (leaving) return
  leaving = true
  const path = location.pathname.replace(/^\/dashboard/, '') || '/'
  const returnTo = path.startsWith('/callback') ? '/' : path + location.search
  try {
    await client.loginWithRedirect({ appState: { returnTo }, authorizationParams })
  } catch (error) {
    leaving = false
    throw error
  }
}
