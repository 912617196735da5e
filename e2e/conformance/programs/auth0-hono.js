// A web application with `@auth0/auth0-hono`.
import { auth } from '@auth0/auth0-hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import {
  audience,
  baseUrl,
  clientId,
  clientSecret,
  domain,
  port,
  readMessage,
  scope,
  secret,
} from './settings.js'

const app = new Hono()
app.use(
  auth({
    domain,
    clientID: clientId,
    clientSecret,
    baseURL: baseUrl,
    session: { secret },
    authRequired: false,
    idpLogout: true,
    authorizationParams: { audience, scope },
  }),
)
app.get('/login', (c) => c.redirect('/auth/login'))
app.get('/logout', (c) => c.redirect('/auth/logout'))
app.get('/', async (c) => {
  const session = await c.var.auth0Client.getSession(c)
  return c.json({ user: session?.user?.email ?? null })
})
app.get('/message', async (c) => {
  const { accessToken } = await c.var.auth0Client.getAccessToken(c)
  return c.json(await readMessage(accessToken))
})
serve({ fetch: app.fetch, port: Number(port), hostname: 'localhost' })
