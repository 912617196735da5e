import type { Offer } from './web-journey.ts'

/** How an SDK is tried: by a program, by a web application with the SDK in it, or by a page in the browser. */
export interface Subject {
  /** As `--only` takes it and the table shows it. */
  name: string
  /** In `e2e/conformance/package.json`. */
  package: string
  kind: 'program' | 'web' | 'page'
  /** Arguments of Node, in `e2e/conformance/programs`. */
  run: string[]
  over: 'http' | 'https'
  /** The application it works for. */
  as?: 'management' | 'm2m'
  /** What a web application or page has besides log-in and log-out. */
  offers?: Offer[]
  env?: Record<string, string>
  /** Refuses a port in the domain. */
  needsPort443?: true
  /** What a person has to know, for the table. */
  note?: string
}

const inBrowser = (name: string, packageName: string, script: string, page: string): Subject => ({
  name,
  package: packageName,
  kind: 'page',
  run: ['page.js', script, page],
  over: 'http',
  offers: ['message', 'refresh'],
})

const node = (name: string, packageName: string): Subject => ({
  name,
  package: packageName,
  kind: 'program',
  run: ['auth0.js', packageName],
  over: 'https',
  as: 'management',
})

const web = (name: string, packageName: string, more: Partial<Subject> = {}): Subject => ({
  name,
  package: packageName,
  kind: 'web',
  run: [`${name}.js`],
  over: 'https',
  offers: ['message', 'refresh'],
  ...more,
})

export const subjects: Subject[] = [
  inBrowser(
    'auth0-spa-js 2',
    '@auth0/auth0-spa-js',
    '@auth0/auth0-spa-js/dist/auth0-spa-js.production.js',
    'auth0-spa-js',
  ),
  inBrowser(
    'auth0-spa-js 1',
    'auth0-spa-js-v1',
    'auth0-spa-js-v1/dist/auth0-spa-js.production.js',
    'auth0-spa-js',
  ),
  {
    ...inBrowser('auth0-js', 'auth0-js', 'auth0-js/dist/auth0.min.js', 'auth0-js'),
    offers: ['database'],
    note: 'Its log-in requests tokens in the fragment, the implicit grant, which is not offered (RFC 9700 §2.1.2): use `@auth0/auth0-spa-js`',
  },
  inBrowser(
    'oidc-client-ts',
    'oidc-client-ts',
    'oidc-client-ts/dist/browser/oidc-client-ts.min.js',
    'oidc-client-ts',
  ),
  node('auth0 4', 'auth0-v4'),
  node('auth0 5', 'auth0-v5'),
  node('auth0 6', 'auth0-v6'),
  node('auth0 7', 'auth0'),
  {
    name: 'auth0-deploy-cli',
    package: 'auth0-deploy-cli',
    kind: 'program',
    run: ['deploy-cli.js'],
    over: 'https',
    as: 'management',
    note: 'Of the resources that Rolecall has: see [Auth0’s own tools](guides/auth0-tools.md)',
  },
  web('express-openid-connect', 'express-openid-connect'),
  web('express-openid-connect-default', 'express-openid-connect', {
    over: 'http',
    offers: [],
    note: 'Without options: an ID token by `form_post`, which needs https, or http at both',
  }),
  web('nextjs-auth0', '@auth0/nextjs-auth0', {
    needsPort443: true,
    note: 'Its middleware, without the rest of Next.js. Refuses ports, `localhost`, names below it and addresses: `npm start -- --host rolecall.test`',
  }),
  web('nextjs-auth0-insecure', '@auth0/nextjs-auth0', {
    run: ['nextjs-auth0.js'],
    over: 'http',
    note: 'With `allowInsecureRequests` and the domain `http://localhost:5050`: for development',
  }),
  web('auth0-hono', '@auth0/auth0-hono', {
    needsPort443: true,
    offers: ['message'],
    note: 'Refuses ports: `npm start -- --host localhost`. Sends no ID token at log-out, so the person is asked',
  }),
  web('auth0-server-js', '@auth0/auth0-server-js', {
    offers: ['message'],
    note: 'Sends no ID token at log-out, so the person is asked',
  }),
  web('passport-auth0', 'passport-auth0', {
    offers: ['message'],
    env: { REMEDY: 'true' },
    note: 'With the [remedy](#passport-auth0-and-userinfo): `strategy._oauth2.useAuthorizationHeaderforGET(true)`',
  }),
  web('passport-auth0-as-it-is', 'passport-auth0', {
    run: ['passport-auth0.js'],
    offers: ['message'],
    note: 'Sends the token as `/userinfo?access_token=…`, which is refused (RFC 9700 §4.3.2)',
  }),
  {
    name: 'express-oauth2-jwt-bearer',
    package: 'express-oauth2-jwt-bearer',
    kind: 'program',
    run: ['express-oauth2-jwt-bearer.js'],
    over: 'http',
    as: 'm2m',
  },
  web('openid-client', 'openid-client'),
  {
    name: 'oauth4webapi',
    package: 'oauth4webapi',
    kind: 'program',
    run: ['oauth4webapi.js'],
    over: 'http',
    as: 'm2m',
    note: 'Its validation of access tokens is strict about RFC 9068: give the API the dialect `rfc9068_profile_authz`',
  },
]
