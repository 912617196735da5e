import { type Adapter, type AdapterPayload, type Client as OidcClient, Provider } from 'oidc-provider'
import { originMatcher } from '../applications/origins.ts'
import type { SecretUses } from '../applications/secret-uses.ts'
import { matchSecret } from '../applications/secrets.ts'
import { protocolScopes } from '../authorization/entitlement.ts'
import type { Context } from '../context.ts'
import { multiFactor } from '../factors/policy.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Cache } from '../store/cache.ts'
import { createAccessTokenShape } from './access-token.ts'
import { claimsOfScope, createFindAccount } from './account.ts'
import { AlreadyUsedError, createAdapter } from './adapter.ts'
import { createAssertionCheck } from './client-assertion.ts'
import { applicationFacts, factsOf } from './client-metadata.ts'
import { slowDown } from './device/pace.ts'
import { dpopAlgorithms } from './discovery.ts'
import { endSessionOfHint } from './end-session.ts'
import { createExtraParams } from './extra-params.ts'
import { createLoadGrant } from './grants.ts'
import { createInteractionPolicy } from './interaction-policy.ts'
import { createIntrospectionPolicy, introspectJwts } from './introspection.ts'
import { lifetimes } from './lifetimes.ts'
import { observeSigning } from './observed-signing.ts'
import type { ProtocolPages } from './protocol-pages.ts'
import { allowsOfflineAccess, createResourceServerInfo } from './resource-servers.ts'
import { allowSelfSendingForm } from './self-sending-form.ts'
import { bindModelsToOrigin } from './session-model.ts'
import { tenantOf } from './tenant-rules.ts'
import { explainImplicitFlow } from './unsupported.ts'
import { respondByWebMessage } from './web-message.ts'

const sessionCookie = 'rolecall_session'

/** The attributes of the session's cookie. Applications of other sites renew tokens in a frame, which needs `none`. */
export function sessionCookieOptions(issuer: string) {
  const sameSite = issuer.startsWith('https:') ? 'none' : 'lax'
  return { httpOnly: true, signed: true, sameSite } as const
}

/**
 * oidc-provider, told the tenant's rules. Its keys are fixed at construction, so the caller builds a new one when they
 * change; that costs less than a millisecond.
 */
export function createProvider(
  ctx: Context,
  keys: KeyRing,
  cache: Cache,
  pages: ProtocolPages,
  uses: SecretUses,
): Provider {
  const https = ctx.config.issuer.startsWith('https:')
  const cookie = sessionCookieOptions(ctx.config.issuer)
  const provider = new Provider(ctx.config.issuer, {
    adapter: (kind: string) => createAdapter(ctx, cache, kind),
    jwks: { keys: keys.all() },
    claims: claimsOfScope,
    acrValues: [multiFactor],
    scopes: [...protocolScopes],
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    conformIdTokenClaims: false,
    responseTypes: ['code', 'id_token'],
    subjectTypes: ['public'],
    enabledJWA: { dPoPSigningAlgValues: [...dpopAlgorithms] },
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: (_request, client) => client.clientAuthMethod === 'none' },
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      userinfo: '/userinfo',
      revocation: '/oauth/revoke',
      device_authorization: '/oauth/device/code',
      code_verification: '/activate',
      introspection: '/oauth/introspect',
      pushed_authorization_request: '/oauth/par',
      end_session: '/oidc/logout',
      jwks: '/.well-known/jwks.json',
    },
    cookies: {
      names: {
        session: https ? `__Host-${sessionCookie}` : sessionCookie,
        interaction: 'rolecall_interaction',
        resume: 'rolecall_resume',
      },
      long: cookie,
      short: cookie,
      keys: ctx.sealer.deriveAll('cookies'),
    },
    extraParams: createExtraParams(ctx),
    assertJwtClientAuthClaimsAndHeader: createAssertionCheck(ctx),
    extraClientMetadata: { properties: applicationFacts },
    clientBasedCORS: (_request, origin, client) => originMatcher(factsOf(client).allowed_origins)(origin),
    findAccount: createFindAccount(ctx, cache),
    loadExistingGrant: createLoadGrant(ctx),
    interactions: {
      policy: createInteractionPolicy(ctx),
      url: (_request, interaction) => `/interaction/${interaction.uid}`,
    },
    issueRefreshToken: async ({ oidc }, client, code) =>
      client.grantTypeAllowed('refresh_token') &&
      code.scopes.has('offline_access') &&
      allowsOfflineAccess(oidc.entities.AccessToken?.resourceServer),
    rotateRefreshToken: ({ oidc }) => factsOf(oidc.client).refresh_token.rotating,
    expiresWithSession: async () => false,
    ttl: lifetimes(ctx),
    formats: { customizers: { jwt: createAccessTokenShape(ctx) } },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      // A client revokes its own tokens alone (RFC 7009 §2.1).
      revocation: {
        enabled: true,
        allowedPolicy: async (_request, client, token) => token.clientId === client.clientId,
      },
      introspection: { enabled: true, allowedPolicy: createIntrospectionPolicy(ctx, cache) },
      userinfo: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      // A proof without nonce must be recent; one with a nonce of this server may come from a clock that is wrong.
      dPoP: { enabled: true, nonceSecret: Buffer.from(ctx.sealer.derive('dpop nonces'), 'base64url') },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: async (request, _form, _out, error) => {
          request.body = pages.activate(request, error)
        },
        userCodeConfirmSource: async (request, _form, _client, _device, code) => {
          request.body = pages.confirmDevice(request, code)
        },
        successSource: async (request) => {
          request.body = pages.deviceDone(request)
        },
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (request, form) => {
          if (!(await endSessionOfHint(request))) request.body = pages.logout(request, form)
        },
        postLogoutSuccessSource: async (request) => {
          request.body = pages.loggedOut(request)
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: async (request) => tenantOf(request).defaultResource ?? [],
        useGrantedResource: async () => true,
        getResourceServerInfo: createResourceServerInfo(ctx, keys, cache),
      },
    },
    renderError: async (request, out) => {
      request.type = 'html'
      request.body = pages.error(request, out)
    },
  })
  provider.proxy = true
  provider.registerResponseMode('web_message', respondByWebMessage)
  provider.use(allowSelfSendingForm)
  provider.use(explainImplicitFlow)
  slowDown(provider, ctx)
  introspectJwts(provider, ctx, keys, cache)
  adjustClient(provider, ctx, uses)
  bindModelsToOrigin(provider, ctx.clock)
  observeSigning(provider)
  refuseParallelUse(provider)
  return provider
}

/** oidc-provider looks for an earlier use before it writes this one; of parallel uses the adapter accepts one. */
function refuseParallelUse({ ReplayDetection }: Provider): void {
  const unique = ReplayDetection.unique.bind(ReplayDetection)
  ReplayDetection.unique = async (...use) => {
    try {
      return await unique(...use)
    } catch (error) {
      if (error instanceof AlreadyUsedError) return false
      throw error
    }
  }
}

/** Applications keep hashes of their secrets, and callbacks were checked when they were registered. */
function adjustClient(provider: Provider, { clock }: Context, uses: SecretUses): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- documented hooks that its types leave out.
  const Client = provider.Client as unknown as {
    prototype: Record<string, unknown>
    Schema: { prototype: Record<string, unknown> }
  }
  Client.prototype['compareClientSecret'] = function compareSecret(this: OidcClient, given: string): boolean {
    const hash = matchSecret(factsOf(this).secrets, given, clock())
    if (hash !== undefined) uses.note(this.clientId, hash)
    return hash !== undefined
  }
  Client.prototype['includeSid'] = () => true
  Client.Schema.prototype['redirectUris'] = () => {}
  keepClients(provider)
}

/**
 * oidc-provider finds a client by a hash of its whole metadata, which it computes at each use, and keeps a hundred of them. The
 * adapter returns the same object while the application does not change, so here a client is found by that.
 */
function keepClients(provider: Provider): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- static members that its types leave out.
  const Client = provider.Client as unknown as {
    adapter: Pick<Adapter, 'find'>
    find(id: string): Promise<OidcClient | undefined>
  }
  const find = Client.find.bind(Client)
  const kept = new WeakMap<AdapterPayload, OidcClient>()
  Client.find = async (id) => {
    const metadata = typeof id === 'string' ? await Client.adapter.find(id) : undefined
    const known = metadata && kept.get(metadata)
    if (known) return known
    const client = await find(id)
    if (metadata && client) kept.set(metadata, client)
    return client
  }
}
