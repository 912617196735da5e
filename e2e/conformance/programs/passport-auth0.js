// A web application with `passport-auth0`. With REMEDY=true it sends the access token in the header.
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import Auth0Strategy from 'passport-auth0'
import {
  audience,
  baseUrl,
  clientId,
  clientSecret,
  domain,
  issuer,
  port,
  readMessage,
  scope,
  secret,
} from './settings.js'

const options = { domain, clientID: clientId, clientSecret, callbackURL: `${baseUrl}/callback` }
const strategy = new Auth0Strategy(options, (accessToken, _refreshToken, _extra, profile, done) =>
  done(null, { email: profile.emails?.[0]?.value, accessToken }),
)
if (process.env.REMEDY === 'true') {
  // The remedy: without it the token is sent as /userinfo?access_token=…, which is refused (RFC 9700 §4.3.2).
  strategy._oauth2.useAuthorizationHeaderforGET(true)
}
passport.use(strategy)
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: true }), passport.session())
app.get('/', ({ user }, response) => response.json({ user: user?.email ?? null }))
app.get('/login', passport.authenticate('auth0', { scope, audience }))
app.get('/callback', passport.authenticate('auth0', { failureRedirect: '/refused' }), (_request, response) =>
  response.redirect('/'),
)
app.get('/message', async ({ user }, response) => response.json(await readMessage(user.accessToken)))
app.get('/logout', (request, response) => {
  const query = new URLSearchParams({ client_id: clientId, returnTo: baseUrl })
  request.logout(() => response.redirect(`${issuer}v2/logout?${query}`))
})
app.use((error, _request, response, _next) => response.status(500).json({ error: error.message }))
app.listen(port, 'localhost')
