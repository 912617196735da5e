// A web application with `express-openid-connect` as it is without options: an ID token by form post.
import express from 'express'
import openid from 'express-openid-connect'
import { baseUrl, clientId, issuer, port, secret } from './settings.js'

const app = express()
app.use(
  openid.auth({
    issuerBaseURL: issuer,
    baseURL: baseUrl,
    clientID: clientId,
    secret,
    authRequired: false,
    auth0Logout: true,
    // The page that posts the form is on https, this application on http.
    transactionCookie: { sameSite: 'Lax' },
  }),
)
app.get('/', ({ oidc }, response) => response.json({ user: oidc.user?.email ?? null }))
app.listen(port, 'localhost')
