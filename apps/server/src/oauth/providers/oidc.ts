import { importJWK } from 'jose'
import type { ClientAuth, Configuration, IDToken, ServerMetadata } from 'openid-client'
import type { Provider } from '../../connections/provider.ts'
import type { Context } from '../../context.ts'
import type { KeyRing } from '../../keys/key-ring.ts'
import { ProviderError, toProviderError } from './failure.ts'
import { createMetadataCache } from './metadata.ts'
import type { Arrival, Claims, Departure, LogInRequest, ProviderProtocol } from './provider-protocol.ts'
import { createFetch } from './transport.ts'

/** Claims about the token, not about the person (OpenID Connect Core 1.0 §2). */
const tokenClaims = new Set(
  'iss aud azp exp iat nbf jti nonce at_hash c_hash s_hash sid auth_time acr amr'.split(' '),
)

/** OpenID Connect with the authorization code flow. `openid-client` verifies what the provider sends. */
export function createOidc(ctx: Pick<Context, 'clock' | 'config'>, keys: KeyRing): ProviderProtocol {
  const knownServer = createMetadataCache(ctx)

  return {
    async begin(provider, { redirectUri, state, nonce, codeVerifier, ...request }) {
      const client = await import('openid-client')
      const { metadata } = await knownServer(provider)
      try {
        const config = await configure(provider, metadata)
        return client.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: provider.scopes.join(' '),
          state,
          nonce,
          ...(provider.pkce === 'S256' && {
            code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
            code_challenge_method: 'S256',
          }),
          ...parametersOf(request),
        }).href
      } catch (error) {
        throw toProviderError(error, 'The address of the log-in could not be made')
      }
    },

    async complete(provider, departure, response) {
      const server = await knownServer(provider)
      try {
        const client = await import('openid-client')
        const config = await configure(provider, server.metadata)
        if (server.keys) client.setJwksCache(config, server.keys)
        const arrival = await redeem(config, provider, departure, response)
        const used = client.getJwksCache(config)
        if (used) server.keys = used
        return arrival
      } catch (error) {
        throw await refusalOf(error, departure)
      }
    },
  }

  async function configure(provider: Provider, metadata: ServerMetadata): Promise<Configuration> {
    const client = await import('openid-client')
    const clientMetadata = { [client.clockSkew]: Math.round((ctx.clock() - Date.now()) / 1000) }
    const authentication = await authenticationOf(provider)
    const config = new client.Configuration(metadata, provider.clientId, clientMetadata, authentication)
    config[client.customFetch] = createFetch(ctx.config.localHosts)
    // Without this, an ID token from the token endpoint is trusted for the connection's sake (Core §3.1.3.7, 6).
    client.enableNonRepudiationChecks(config)
    return config
  }

  async function authenticationOf({
    clientId,
    tokenAuthMethod,
    clientSecret,
  }: Provider): Promise<ClientAuth> {
    const client = await import('openid-client')
    if (tokenAuthMethod === 'none') return client.None()
    if (tokenAuthMethod === 'private_key_jwt') {
      // The key signs the tokens of this server, of which this would be one: the provider chooses its audience.
      if (hostAndPath(clientId) === hostAndPath(ctx.config.issuer))
        throw new ProviderError('provider_failed', 'The client_id is the issuer of this server')
      const { privateJwk, alg, kid } = keys.current()
      const key = await importJWK(privateJwk, alg)
      if (key instanceof Uint8Array) throw new Error('a private key is not a secret')
      // Its audience is the issuer of the provider alone, so that no other provider accepts it.
      return client.PrivateKeyJwt({ key, kid })
    }
    if (!clientSecret) throw new ProviderError('provider_failed', 'The connection has no client secret')
    return tokenAuthMethod === 'client_secret_basic'
      ? client.ClientSecretBasic(clientSecret)
      : client.ClientSecretPost(clientSecret)
  }
}

const hostAndPath = (url: string) =>
  url
    .toLowerCase()
    .replace(/^\w+:\/\//, '')
    .replace(/\/+$/, '')

function parametersOf({ loginHint, prompt, maxAge }: Pick<LogInRequest, 'loginHint' | 'prompt' | 'maxAge'>) {
  return {
    ...(loginHint && { login_hint: loginHint }),
    ...(prompt && { prompt }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
  }
}

/** Checks the response (`state`, and `iss` by RFC 9207), exchanges the code, and verifies the ID token. */
async function redeem(
  config: Configuration,
  provider: Provider,
  { redirectUri, state, nonce, codeVerifier, maxAge }: Departure,
  response: URLSearchParams,
): Promise<Arrival> {
  const client = await import('openid-client')
  const url = new URL(redirectUri)
  url.search = response.toString()
  const tokens = await client.authorizationCodeGrant(config, url, {
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
    ...(provider.pkce === 'S256' && { pkceCodeVerifier: codeVerifier }),
    ...(maxAge !== undefined && { maxAge }),
  })
  const idToken = tokens.claims()
  if (!idToken) throw new ProviderError('provider_failed', 'The provider sent no ID token')
  const userinfo = needsUserinfo(config, provider, idToken)
    ? await client.fetchUserInfo(config, tokens.access_token, idToken.sub)
    : {}
  return {
    subject: idToken.sub,
    claims: merge(idToken, userinfo),
    userinfo,
    ...(typeof idToken.auth_time === 'number' && { authTime: Math.floor(idToken.auth_time) }),
  }
}

/** A request more, which is sent only where the ID token lacks something. */
function needsUserinfo(config: Configuration, provider: Provider, idToken: IDToken): boolean {
  if (config.serverMetadata().userinfo_endpoint === undefined) return false
  const { attributeMap, roleMapping } = provider
  const mapped = Object.values(attributeMap.attributes)
  const wanted = ['email', 'email_verified', 'name', ...mapped.map(({ claim }) => claim)]
  if (roleMapping) wanted.push(roleMapping.claim)
  return mapped.some(({ from }) => from === 'userinfo') || wanted.some((claim) => !(claim in idToken))
}

/** The signed claims come first. `email_verified` speaks of the address that it came with (Core §5.1). */
function merge(idToken: Claims, userinfo: Claims): Claims {
  const { email_verified: _, ...merged } = { ...userinfo, ...idToken }
  const source = 'email' in idToken && 'email_verified' in idToken ? idToken : userinfo
  const verified = source['email'] === merged['email'] ? source['email_verified'] : undefined
  const claims = Object.entries({ ...merged, ...(verified !== undefined && { email_verified: verified }) })
  return Object.fromEntries(claims.filter(([name]) => !tokenClaims.has(name)))
}

/** A refusal that the provider sent in its response counts as one of the person (RFC 6749 §4.1.2.1). */
async function refusalOf(error: unknown, { maxAge }: Departure): Promise<ProviderError> {
  const { AuthorizationResponseError } = await import('openid-client')
  const failure = toProviderError(error, 'The log-in at the provider failed')
  if (error instanceof AuthorizationResponseError) {
    if (error.error === 'access_denied')
      return new ProviderError('provider_denied', failure.message, { cause: error })
    if (error.error === 'temporarily_unavailable' || error.error === 'server_error')
      return new ProviderError('provider_unavailable', failure.message, { cause: error })
  }
  return maxAge !== undefined && /\bauth_time\b/.test(failure.message)
    ? new ProviderError('provider_not_fresh', failure.message, { cause: error })
    : failure
}
