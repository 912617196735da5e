// auth0-spa-js 1 and 2 differ in where parameters are written.
const { issuer, clientId, audience, isFirst } = settings
const redirect = `${window.location.origin}/callback`
const shared = { domain: issuer.slice(0, -1), useRefreshTokens: true, cacheLocation: 'localstorage' }
let client

function create() {
  const options = isFirst
    ? { ...shared, client_id: clientId, audience, redirect_uri: redirect }
    : { ...shared, clientId, authorizationParams: { audience, redirect_uri: redirect } }
  client = new (isFirst ? Auth0Client : auth0.Auth0Client)(options)
}

create()
run({
  logIn: () => client.loginWithRedirect(),
  complete: () => client.handleRedirectCallback(),
  async restore() {
    await client.checkSession()
    return client.getUser()
  },
  token: () => client.getTokenSilently(),
  refresh: () => client.getTokenSilently(isFirst ? { ignoreCache: true } : { cacheMode: 'off' }),
  logOut: () =>
    client.logout(
      isFirst ? { returnTo: window.location.origin } : { logoutParams: { returnTo: window.location.origin } },
    ),
})
