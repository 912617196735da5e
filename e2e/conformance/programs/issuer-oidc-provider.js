// oidc-provider with as little configuration as the tutorial's client and API need: an issuer that is not Rolecall.
import Provider from 'oidc-provider'
import { audience, clientId, issuer, port } from './settings.js'

const { CLIENT_URL: clientUrl } = process.env
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`${clientUrl}/callback`],
    },
  ],
  claims: { openid: ['sub'], email: ['email'], profile: ['name'] },
  clientBasedCORS: () => true,
  // Auth0's SDKs read the person from the ID token.
  conformIdTokenClaims: false,
  features: {
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'read:admin-messages',
        audience,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  extraTokenClaims: (_ctx, { accountId }) => ({
    permissions: accountId.startsWith('admin') ? ['read:admin-messages'] : [],
  }),
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, email: sub, name: sub }) }),
  issueRefreshToken: () => true,
  pkce: { required: () => true },
  // Where Auth0's SDKs expect them.
  routes: { authorization: '/authorize', token: '/oauth/token', jwks: '/.well-known/jwks.json' },
})
provider.listen(port, 'localhost')
