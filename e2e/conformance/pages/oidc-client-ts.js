const { issuer, clientId, audience } = settings
const manager = new oidc.UserManager({
  authority: issuer,
  client_id: clientId,
  redirect_uri: `${window.location.origin}/callback`,
  post_logout_redirect_uri: window.location.origin,
  scope: 'openid profile email offline_access',
  extraQueryParams: { audience },
})

run({
  logIn: () => manager.signinRedirect(),
  complete: () => manager.signinRedirectCallback(),
  restore: async () => (await manager.getUser())?.profile,
  token: async () => (await manager.getUser()).access_token,
  refresh: async () => (await manager.signinSilent()).access_token,
  logOut: () => manager.signoutRedirect(),
})
