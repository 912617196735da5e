import type { ServerMetadata } from 'openid-client'
import type { Provider } from '../../connections/provider.ts'
import type { Context } from '../../context.ts'
import { OutboundError, sendOutbound } from '../../http/outbound.ts'
import { ProviderError, toProviderError } from './failure.ts'
import type { Claims, ProviderProtocol } from './provider-protocol.ts'
import { createFetch, stepDeadline } from './transport.ts'

/** The endpoints of OAuth apps: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps */
const server: ServerMetadata = {
  // GitHub sends it as `iss` (RFC 9207).
  issuer: 'https://github.com/login/oauth',
  authorization_endpoint: 'https://github.com/login/oauth/authorize',
  token_endpoint: 'https://github.com/login/oauth/access_token',
}
const api = 'https://api.github.com'
const apiHeaders = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }

/** The claim with the organizations that the person is a member of. GitHub is asked for them only where roles depend on it. */
const organizations = 'organizations'

/** GitHub has OAuth 2 and an API, and no ID tokens. */
export function createGithub({ config: { localHosts } }: Pick<Context, 'config'>): ProviderProtocol {
  return {
    async begin(provider, { redirectUri, state, codeVerifier, loginHint, prompt }) {
      const client = await import('openid-client')
      const url = client.buildAuthorizationUrl(configure(client, provider), {
        redirect_uri: redirectUri,
        scope: [...provider.scopes, ...(readsOrganizations(provider) ? ['read:org'] : [])].join(' '),
        state,
        ...(provider.pkce === 'S256' && {
          code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: 'S256',
        }),
        ...(loginHint && { login: loginHint }),
        // The only value that GitHub has.
        ...(prompt === 'select_account' && { prompt }),
      })
      return url.href
    },

    async complete(provider, { redirectUri, state, codeVerifier }, response) {
      const client = await import('openid-client')
      const url = new URL(redirectUri)
      url.search = response.toString()
      const deadline = stepDeadline()
      try {
        const config = configure(client, provider, deadline)
        const { access_token: token } = await client.authorizationCodeGrant(config, url, {
          expectedState: state,
          ...(provider.pkce === 'S256' && { pkceCodeVerifier: codeVerifier }),
        })
        return await read(token, readsOrganizations(provider), deadline)
      } catch (error) {
        const failure = toProviderError(error, 'The log-in at GitHub failed')
        throw error instanceof client.AuthorizationResponseError && error.error === 'access_denied'
          ? new ProviderError('provider_denied', failure.message, { cause: error })
          : failure
      }
    },
  }

  function configure(
    client: typeof import('openid-client'),
    { clientId, clientSecret }: Provider,
    deadline?: AbortSignal,
  ) {
    if (!clientSecret) throw new ProviderError('provider_failed', 'The connection has no client secret')
    const config = new client.Configuration(
      server,
      clientId,
      undefined,
      client.ClientSecretPost(clientSecret),
    )
    config[client.customFetch] = createFetch(localHosts, deadline)
    return config
  }

  /** GitHub's number of the account is its subject: names and addresses pass to other people. */
  async function read(token: string, withOrganizations: boolean, signal: AbortSignal) {
    const user = asRecord(await get('/user', token, signal))
    const { id, login, name, avatar_url } = user
    if (!Number.isSafeInteger(id) || Number(id) <= 0 || typeof login !== 'string')
      throw new ProviderError('provider_failed', 'GitHub sent a user without a number or a name')
    const emails = asList(await get('/user/emails', token, signal)).map(asRecord)
    const primary = emails.find((one) => one['primary'] === true)
    const claims: Claims = {
      login,
      preferred_username: login,
      nickname: login,
      ...(typeof name === 'string' && name !== '' && { name }),
      ...(typeof avatar_url === 'string' && { picture: avatar_url }),
      ...(primary && { email: primary['email'], email_verified: primary['verified'] === true }),
      ...(withOrganizations && {
        [organizations]: asList(await get('/user/orgs?per_page=100', token, signal)).map(
          (one) => asRecord(one)['login'],
        ),
      }),
    }
    return { subject: String(id), claims, userinfo: claims }
  }

  async function get(path: string, token: string, signal: AbortSignal): Promise<unknown> {
    const headers = { ...apiHeaders, authorization: `Bearer ${token}` }
    const { status, body } = await sendOutbound(localHosts, {
      method: 'GET',
      url: `${api}${path}`,
      headers,
      signal,
    })
    if (status >= 500 || status === 429)
      throw new OutboundError(`api.github.com answered ${path} with ${status}`)
    if (status !== 200)
      throw new ProviderError('provider_failed', `api.github.com answered ${path} with ${status}`)
    try {
      return JSON.parse(body)
    } catch {
      throw new ProviderError(
        'provider_failed',
        `api.github.com answered ${path} with something that is not JSON`,
      )
    }
  }
}

const readsOrganizations = ({ roleMapping }: Provider) => roleMapping?.claim === organizations

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
