import { Auth0Client } from '@auth0/auth0-spa-js'
import type { Configuration } from '../configuration.ts'
import { callbackUrl } from './auth-client.ts'

/**
 * Access tokens for other APIs, to try them with. They come from ordinary logins to the dashboard's application. Users
 * are not impersonated, and the tokens are not stored.
 */
function tester({ issuer, client_id }: Configuration, audience: string): Auth0Client {
  return new Auth0Client({
    domain: issuer.replace(/\/$/, ''),
    clientId: client_id,
    cacheLocation: 'memory',
    authorizationParams: { audience, redirect_uri: callbackUrl(issuer) },
  })
}

/** For the user who is logged in, without a prompt. */
export async function tokenForMyself(configuration: Configuration, audience: string): Promise<string> {
  return present(await tester(configuration, audience).getTokenSilently({ cacheMode: 'off' }))
}

/** For the user who logs in in a pop-up window. @throws when the window is closed or the login refused */
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
