// A web application of Node alone with `@auth0/auth0-server-js`.
import { createServer } from 'node:http'
import { CookieTransactionStore, ServerClient, StatelessStateStore } from '@auth0/auth0-server-js'
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

const cookiesOf = ({ request }) =>
  Object.fromEntries(
    (request.headers.cookie ?? '').split('; ').map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
  )
const cookies = {
  getCookies: cookiesOf,
  getCookie: (name, place) => cookiesOf(place)[name],
  setCookie: (name, value, { maxAge }, { response }) =>
    response.appendHeader(
      'set-cookie',
      `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge ?? 3600}`,
    ),
  deleteCookie: (name, { response }) => response.appendHeader('set-cookie', `${name}=; Path=/; Max-Age=0`),
}
const auth0 = new ServerClient({
  domain,
  clientId,
  clientSecret,
  authorizationParams: { audience, scope, redirect_uri: `${baseUrl}/callback` },
  transactionStore: new CookieTransactionStore({ secret }, cookies),
  stateStore: new StatelessStateStore({ secret }, cookies),
})

const answers = {
  '/': async (place) => ({ user: (await auth0.getUser(place))?.email ?? null }),
  '/login': (place) => auth0.startInteractiveLogin({}, place),
  '/callback': async (place) => {
    await auth0.completeInteractiveLogin(new URL(place.request.url, baseUrl), place)
    return new URL(baseUrl)
  },
  '/message': async (place) => readMessage((await auth0.getAccessToken(place)).accessToken),
  '/logout': (place) => auth0.logout({ returnTo: baseUrl }, place),
}

createServer(async (request, response) => {
  try {
    const answer = await answers[new URL(request.url, baseUrl).pathname]?.({ request, response })
    if (answer instanceof URL) response.writeHead(302, { location: answer.href }).end()
    else response.end(JSON.stringify(answer))
  } catch (error) {
    console.error(error)
    response.writeHead(500).end(String(error))
  }
}).listen(port, 'localhost')
