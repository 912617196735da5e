// A web application with `express-openid-connect`: the code flow, with refresh tokens.
import express from 'express'
import openid from 'express-openid-connect'
import {
  audience,
  baseUrl,
  clientId,
  clientSecret,
  issuer,
  port,
  readMessage,
  scope,
  secret,
} from './settings.js'

const app = express()
app.use(
  openid.auth({
    issuerBaseURL: issuer,
    baseURL: baseUrl,
    clientID: clientId,
    clientSecret,
    secret,
    authRequired: false,
    auth0Logout: true,
    authorizationParams: { response_type: 'code', audience, scope },
  }),
)
app.get('/', ({ oidc }, response) => response.json({ user: oidc.user?.email ?? null }))
app.get('/message', async ({ oidc }, response) =>
  response.json(await readMessage(oidc.accessToken.access_token)),
)
app.get('/refreshed', async ({ oidc }, response) => {
  const { access_token: token } = await oidc.accessToken.refresh()
  response.json(await readMessage(token))
})
app.listen(port, 'localhost')
