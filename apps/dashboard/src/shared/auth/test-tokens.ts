import { Auth0Client } from '@auth0/auth0-spa-js'
import type { Configuration } from '../configuration.ts'
import { callbackUrl } from './auth-client.ts'

/**
 * Tokens for other APIs than this dashboard's own, to try them with. They come from ordinary log-ins of the dashboard's
 * application: nobody is impersonated, and nothing of them is kept.
 */
function tester({ issuer, client_id }: Configuration, audience: string): Auth0Client {
  return new Auth0Client({
    domain: issuer.replace(/\/$/, ''),
    clientId: client_id,
    cacheLocation: 'memory',
    authorizationParams: { audience, redirect_uri: callbackUrl(issuer) },
  })
}

/** For the person who is logged in, without asking them anything. */
export async function tokenForMyself(configuration: Configuration, audience: string): Promise<string> {
  return present(await tester(configuration, audience).getTokenSilently({ cacheMode: 'off' }))
}

/** For whoever logs in, in a window of its own. @throws when they close it or are refused */
export async function tokenByLoggingIn(
  configuration: Configuration,
  audience: string,
  email: string,
): Promise<{ token: string; email: string | undefined }> {
  const client = tester(configuration, audience)
  await client.loginWithPopup({ authorizationParams: { prompt: 'login', login_hint: email } })
  const [token, user] = await Promise.all([client.getTokenSilently(), client.getUser()])
  return { token: present(token), email: user?.email }
}

function present(token: string | undefined): string {
  if (token === undefined) throw new Error('The server issued no token.')
  return token
}
