import { tutorial } from '../../seed/tutorial.ts'
import { audience, callback, password } from '../tutorial.ts'
import type { Field } from './bodies.ts'
import { any, dbconnections, json, oauthJson, page } from './oauth-answers.ts'
import { get, named, post } from './oauth-requests.ts'
import type { Endpoint } from './request.ts'

export const field = (name: string, ...right: string[]): Field => ({ name, right })
export const maybe = (name: string, ...right: string[]): Field => ({ name, right, optional: true })

const authorizationFields = [
  field('client_id', '~~spa.id~~'),
  field('response_type', 'code'),
  field('redirect_uri', callback),
  field('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'),
  field('code_challenge_method', 'S256'),
  maybe('scope', 'openid', 'openid profile email offline_access', 'openid read:admin-messages'),
  maybe('audience', audience),
  maybe('response_mode', 'query', 'fragment', 'form_post', 'web_message'),
  maybe('prompt', 'none', 'login', 'consent', 'select_account'),
  maybe('max_age', '0', '100', '99999999'),
  maybe('state', 'abc'),
  maybe('nonce', 'n1'),
  maybe('login_hint', 'admin@example.com'),
  maybe('screen_hint', 'signup', 'login'),
  maybe('ui_locales', 'en', 'de en'),
  maybe('id_token_hint', '~~tokens.id~~'),
  maybe('connection', 'Username-Password-Authentication'),
]

/** The response of another provider (RFC 6749 §4.1.2, RFC 9207). */
const providerFields = [
  field('state', 'AYx-2f'),
  maybe('code', 'c1'),
  maybe('iss', 'https://provider.example.com/'),
  maybe('error', 'access_denied'),
  maybe('error_description', 'text'),
]

const codeGrant = [
  field('grant_type', 'authorization_code'),
  field('client_id', '~~spa.id~~'),
  field('code', '~~code.code~~'),
  field('code_verifier', '~~code.verifier~~'),
  field('redirect_uri', callback),
]
const refreshGrant = [
  field('grant_type', 'refresh_token'),
  field('client_id', '~~spa.id~~'),
  field('refresh_token', '~~tokens.refresh~~'),
  maybe('scope', 'openid', 'openid profile'),
]
const machineGrant = [
  field('grant_type', 'client_credentials'),
  field('client_id', '~~machine.id~~'),
  field('client_secret', '~~machine.secret~~'),
  field('audience', audience),
  maybe('scope', tutorial.permission.value),
]
const otherGrants = [
  field(
    'grant_type',
    'password',
    'http://auth0.com/oauth/grant-type/password-realm',
    'implicit',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
  ),
  field('client_id', '~~machine.id~~', '~~spa.id~~'),
  maybe('client_secret', '~~machine.secret~~'),
  maybe('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
  maybe('client_assertion', 'eyJhbGciOiJub25lIn0.e30.', 'a.b.c'),
  maybe('username', 'admin@example.com'),
  maybe('password', password),
  maybe('subject_token', '~~tokens.access~~'),
]
const logoutFields = [
  maybe('id_token_hint', '~~tokens.id~~'),
  maybe('client_id', '~~spa.id~~'),
  maybe('post_logout_redirect_uri', 'http://localhost:4040'),
  maybe('state', 'abc'),
  maybe('logout_hint', 'sid'),
]

const isPage = (status: number) => status === 200
const isRedirect = (status: number) => status === 302 || status === 303
export const isPageOrRedirect = (status: number) => isPage(status) || isRedirect(status)

/** Every OAuth endpoint and every page outside the Management API. */
export function oauthEndpoints(): Endpoint[] {
  return [
    get('/authorize', authorizationFields, page, { isSuccess: isRedirect, cookie: '~~session.cookie~~' }),
    post('/authorize', authorizationFields, page, { isSuccess: isRedirect, cookie: '~~session.cookie~~' }),
    post('/oauth/par', authorizationFields, oauthJson, { json: true }),
    get('/authorize/~~interaction.uid~~', [], page, {
      cookie: '~~interaction.cookie~~',
      isSuccess: isRedirect,
      usesUp: true,
    }),
    get('/interaction/~~interaction.uid~~', [maybe('screen', 'signup', 'login')], page, {
      cookie: '~~interaction.cookie~~',
      isSuccess: isPage,
    }),
    post(
      '/interaction/~~interaction.uid~~/login',
      [
        field('_csrf', '~~interaction.csrf~~'),
        field('email', 'admin@example.com', 'member@example.com'),
        field('password', password),
      ],
      page,
      { cookie: '~~interaction.cookie~~', isSuccess: isRedirect, usesUp: true },
    ),
    post(
      '/interaction/~~interaction.uid~~/sign-up',
      [
        field('_csrf', '~~interaction.csrf~~'),
        field('email', '~~new.word~~@example.com'),
        field('password', password),
      ],
      page,
      { cookie: '~~interaction.cookie~~', isSuccess: isRedirect, usesUp: true },
    ),
    post(
      '/interaction/~~interaction.uid~~/provider',
      [field('_csrf', '~~interaction.csrf~~'), field('connection', 'company')],
      page,
      { cookie: '~~interaction.cookie~~', isSuccess: isPage },
    ),
    get('/login/callback/company', providerFields, page, { neverSucceeds: true }),
    get('/interaction/~~interaction.uid~~/callback', providerFields, page, {
      cookie: '~~interaction.cookie~~',
      // No log-in at a provider is in progress.
      neverSucceeds: true,
    }),
    get('/interaction/~~interaction.uid~~/link', [], page, {
      cookie: '~~interaction.cookie~~',
      isSuccess: isRedirect,
    }),
    post(
      '/interaction/~~interaction.uid~~/link',
      [
        field('_csrf', '~~interaction.csrf~~'),
        field('decision', 'connect', 'separate'),
        maybe('password', password),
      ],
      page,
      { cookie: '~~interaction.cookie~~', isSuccess: isRedirect },
    ),
    post(
      '/interaction/~~consent.uid~~/consent',
      [field('_csrf', '~~consent.csrf~~'), field('decision', 'accept', 'deny')],
      page,
      { cookie: '~~consent.cookie~~', isSuccess: isRedirect, usesUp: true },
    ),
    named('authorization_code', post('/oauth/token', codeGrant, oauthJson, { json: true, usesUp: true })),
    named('refresh_token', post('/oauth/token', refreshGrant, oauthJson, { json: true, usesUp: true })),
    named('client_credentials', post('/oauth/token', machineGrant, oauthJson, { json: true })),
    named(
      'client_secret_basic',
      post('/oauth/token', [machineGrant[0]!, machineGrant[3]!], oauthJson, {
        json: true,
        authorization: 'Basic ~~machine.basic~~',
      }),
    ),
    named('other grants', post('/oauth/token', otherGrants, oauthJson, { json: true, neverSucceeds: true })),
    post(
      '/oauth/revoke',
      [
        field('client_id', '~~spa.id~~'),
        field('token', '~~tokens.refresh~~'),
        maybe('token_type_hint', 'refresh_token', 'access_token'),
      ],
      oauthJson,
      { json: true },
    ),
    post(
      '/oauth/device/code',
      [
        field('client_id', '~~device.id~~'),
        maybe('scope', 'openid', 'openid offline_access'),
        maybe('audience', audience),
        maybe('connection', 'Username-Password-Authentication'),
      ],
      oauthJson,
      { json: true },
    ),
    get('/activate', [maybe('user_code', '~~device.code~~')], page),
    post(
      '/activate',
      [
        field('xsrf', '~~device.xsrf~~'),
        field('user_code', '~~device.code~~'),
        maybe('confirm', 'yes'),
        maybe('abort', 'yes'),
      ],
      page,
      { cookie: '~~device.cookie~~', isSuccess: isPageOrRedirect, usesUp: true },
    ),
    post('/co/authenticate', [field('client_id', '~~spa.id~~')], oauthJson, {
      json: true,
      neverSucceeds: true,
    }),
    post('/passwordless/start', [field('client_id', '~~spa.id~~')], oauthJson, {
      json: true,
      neverSucceeds: true,
    }),
    get('/client/~~spa.id~~', [], any, { neverSucceeds: true }),
    post(
      '/oauth/introspect',
      [
        field('client_id', '~~machine.id~~'),
        field('client_secret', '~~machine.secret~~'),
        field('token', '~~tokens.access~~', '~~tokens.refresh~~'),
        maybe('token_type_hint', 'refresh_token', 'access_token'),
      ],
      oauthJson,
      { json: true },
    ),
    get('/userinfo', [], oauthJson, { authorization: 'Bearer ~~tokens.access~~' }),
    post('/userinfo', [field('access_token', '~~tokens.access~~')], oauthJson, { json: true }),
    get('/oidc/logout', logoutFields, page, { cookie: '~~session.cookie~~', isSuccess: isPageOrRedirect }),
    post('/oidc/logout', logoutFields, page, { cookie: '~~session.cookie~~', isSuccess: isPageOrRedirect }),
    post('/oidc/logout/confirm', [field('xsrf', '~~logout.xsrf~~'), maybe('logout', 'yes')], page, {
      cookie: '~~logout.cookie~~',
      isSuccess: isPageOrRedirect,
      usesUp: true,
    }),
    get('/oidc/logout/success', [maybe('client_id', '~~spa.id~~')], page, { isSuccess: isPageOrRedirect }),
    get(
      '/v2/logout',
      [maybe('client_id', '~~spa.id~~'), maybe('returnTo', 'http://localhost:4040'), maybe('federated', '')],
      page,
      {
        cookie: '~~session.cookie~~',
        isSuccess: isPageOrRedirect,
      },
    ),
    post(
      '/dbconnections/signup',
      [
        field('client_id', '~~spa.id~~'),
        field('connection', 'Username-Password-Authentication'),
        field('email', '~~new.word~~@example.com'),
        field('password', password),
        maybe('name', 'Ada'),
        maybe('given_name', 'Ada'),
        maybe('picture', 'https://example.com/a.png'),
        maybe('user_metadata', '{}'),
      ],
      dbconnections,
      { json: true },
    ),
    post(
      '/dbconnections/change_password',
      [
        field('client_id', '~~spa.id~~'),
        field('connection', 'Username-Password-Authentication'),
        field('email', 'member@example.com', '~~new.word~~@example.com'),
        maybe('organization', 'x'),
      ],
      dbconnections,
      { json: true },
    ),
    ...['openid-configuration', 'oauth-authorization-server', 'jwks.json'].map((name) =>
      get(`/.well-known/${name}`, [maybe('a', 'b')], json),
    ),
    get('/dashboard/config.json', [maybe('a', 'b')], json),
    get('/healthz', [maybe('a', 'b')], any),
    get('/readyz', [maybe('a', 'b')], any),
    get('/setup', [field('ticket', '~~setup.ticket~~')], page),
    post(
      '/setup',
      [
        field('_csrf', '~~setup.csrf~~'),
        field('ticket', '~~setup.ticket~~'),
        field('email', '~~new.word~~@example.com'),
        field('password', password),
      ],
      page,
      { cookie: '~~setup.cookie~~', isSuccess: isRedirect, usesUp: true },
    ),
    get(
      '/u/reset-password/request',
      [maybe('client_id', '~~spa.id~~'), maybe('state', '~~interaction.uid~~')],
      page,
    ),
    post(
      '/u/reset-password/request',
      [
        field('_csrf', '~~forgot.csrf~~'),
        field('email', 'member@example.com', 'x@example.com'),
        maybe('client_id', '~~spa.id~~'),
      ],
      page,
      { cookie: '~~forgot.cookie~~' },
    ),
    get('/u/reset-password', [field('ticket', '~~reset.ticket~~')], page),
    post(
      '/u/reset-password',
      [
        field('_csrf', '~~reset.csrf~~'),
        field('ticket', '~~reset.ticket~~'),
        field('password', 'a lantern on the 3rd bridge'),
      ],
      page,
      { cookie: '~~reset.cookie~~', usesUp: true },
    ),
    get('/u/email-verification', [field('ticket', '~~verification.ticket~~')], page),
    post(
      '/u/email-verification',
      [
        field('_csrf', '~~verification.csrf~~'),
        field('ticket', '~~verification.ticket~~'),
        field('password', 'a lantern on the 3rd bridge'),
      ],
      page,
      { cookie: '~~verification.cookie~~', usesUp: true },
    ),
  ]
}
