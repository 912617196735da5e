const { issuer, clientId, audience } = settings
const client = new auth0.WebAuth({
  domain: issuer.slice(0, -1),
  clientID: clientId,
  redirectUri: `${window.location.origin}/callback`,
  audience,
  responseType: 'token id_token',
  scope: 'openid profile email',
})
const promised = (work) =>
  new Promise((resolve, reject) => work((error, result) => (error ? reject(error) : resolve(result))))
const account = { connection: 'Username-Password-Authentication', email: 'database@example.com' }
const silently = () => promised((done) => client.checkSession({}, done))

run({
  async signUp() {
    const made = await promised((done) =>
      client.signup({ ...account, password: 'a lantern on the 3rd bridge' }, done),
    )
    return { user: made.email }
  },
  async newPassword() {
    await promised((done) => client.changePassword(account, done))
    return { asked: true }
  },
  logIn: () => client.authorize(),
  complete: () => promised((done) => client.parseHash({}, done)),
  async restore() {
    try {
      return (await silently()).idTokenPayload
    } catch (error) {
      if (error.code === 'login_required') return undefined
      throw error
    }
  },
  token: async () => (await silently()).accessToken,
  refresh: async () => (await silently()).accessToken,
  logOut: () => client.logout({ returnTo: window.location.origin }),
})
