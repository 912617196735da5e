import { beyond, type Protected, providerOptions } from './testing-protected.ts'

export interface Attempt {
  path: string
  body?: unknown
  /** What the log says it would have acted on; absent where the path alone says it. */
  target?: { type: string; id: string }
  /** Refused by another rule, because no caller may change it. */
  errorCode?: string
}

/**
 * For every route that changes something: attempts on an object that holds more than the caller, or the reason why there
 * is no such object. A route that is not here fails the test.
 */
export const attempts: Record<string, string | ((made: Protected) => Attempt[])> = {
  'POST /resource-servers': 'a new API has no management scopes',
  'PATCH /resource-servers/:id': (made) => [
    ...onSystemApi(made, { subject_type_authorization: { user: { policy: 'allow_all' } } }),
    ...onSystemApi(made, { scopes: [] }),
  ],
  'DELETE /resource-servers/:id': (made) => onSystemApi(made, undefined),

  'POST /roles': 'a new role holds nothing',
  'PATCH /roles/:id': (made) => onRoles(made, '', [{ name: 'Viewer' }, { description: 'x' }]),
  'DELETE /roles/:id': (made) => onRoles(made, '', [undefined]),
  'POST /roles/:id/permissions': (made) => [
    ...onRoles(made, '/permissions', [made.ordinary, made.beyond]),
    { path: `/roles/${made.plainRole}/permissions`, body: made.beyond },
  ],
  'DELETE /roles/:id/permissions': (made) => onRoles(made, '/permissions', [made.ordinary, made.beyond]),
  'POST /roles/:id/users': (made) => onRoles(made, '/users', [{ users: [made.friend.userId] }]),

  'DELETE /grants/:id': (made) => [
    { path: `/grants/${made.consent}`, target: { type: 'user', id: made.owner.userId } },
  ],
  'DELETE /grants': (made) => [
    {
      path: `/grants?user_id=${encodeURIComponent(made.owner.userId)}`,
      target: { type: 'user', id: made.owner.userId },
    },
  ],

  'POST /users': 'a new user holds nothing',
  'PATCH /users/:id': (made) =>
    onOwner(made, '', [
      { password: 'a lantern on the 3rd bridge' },
      { email: 'mine@x.test' },
      { email_verified: true },
      { verify_email: true },
      { username: 'owner' },
      { blocked: true },
      { blocked: false },
      { name: 'x' },
      { phone_number: '+4912345678' },
      { user_metadata: { x: 1 } },
      { app_metadata: { x: 1 } },
      {},
    ]),
  'DELETE /users/:id': (made) => onOwner(made, '', [undefined]),
  'POST /users/:id/roles': ({ friend, mightyRole, plainRole, ownerRole }) =>
    [mightyRole, ownerRole].map((id) => ({
      path: `${pathOf(friend)}/roles`,
      body: { roles: [plainRole, id] },
      target: { type: 'role', id },
    })),
  'DELETE /users/:id/roles': (made) =>
    onOwner(made, '/roles', [{ roles: [made.plainRole] }, { roles: [made.ownerRole] }]),
  'POST /users/:id/identities': (made) => [
    ...onOwner(made, '/identities', [{ provider: 'oidc', user_id: made.account }]),
    {
      path: `${pathOf(made.friend)}/identities`,
      body: { provider: 'oidc', user_id: made.strongAccount },
      target: { type: 'user', id: made.strongAccount },
    },
  ],
  'DELETE /users/:id/identities/:provider/:user_id': (made) =>
    onOwner(made, '/identities/oidc/Linked%7Cowner', [undefined]),
  'POST /users/:id/permissions': ({ friend, beyond: body }) => [
    { path: `${pathOf(friend)}/permissions`, body },
  ],
  'DELETE /users/:id/permissions': (made) => onOwner(made, '/permissions', [made.ordinary, made.beyond]),
  'DELETE /users/:id/sessions': (made) => onOwner(made, '/sessions', [undefined]),
  'DELETE /sessions/:id': (made) => [
    { path: `/sessions/${made.session}`, target: { type: 'user', id: made.owner.userId } },
  ],
  'DELETE /users/:id/refresh-tokens': (made) => onOwner(made, '/refresh-tokens', [undefined]),
  'POST /users/:id/revoke-access': (made) =>
    onOwner(made, '/revoke-access', [undefined, { preserve_refresh_tokens: true }]),
  'DELETE /users/:id/authentication-methods': (made) => onOwner(made, '/authentication-methods', [undefined]),
  'PATCH /users/:id/authentication-methods/:method': (made) =>
    onOwner(made, '/authentication-methods/x', [{ name: 'Mine' }]),
  'DELETE /users/:id/authentication-methods/:method': (made) =>
    onOwner(made, '/authentication-methods/x', [undefined]),
  'DELETE /user-blocks/:id': ({ owner }) => [
    { path: `/user-blocks/${encodeURIComponent(owner.userId)}`, target: targetOf(owner) },
  ],
  'DELETE /user-blocks': ({ owner }) => [
    { path: `/user-blocks?identifier=${owner.email}`, target: targetOf(owner) },
    { path: `/user-blocks?identifier=${owner.email.toUpperCase()}`, target: targetOf(owner) },
  ],

  'POST /clients': 'a new application has no client grant',
  'PATCH /clients/:id': (made) =>
    onApplications(made, '', [
      { token_endpoint_auth_method: 'none' },
      { token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] },
      { token_endpoint_auth_method: 'client_secret_basic' },
      { token_endpoint_auth_method: null },
      { grant_types: ['client_credentials', 'password'] },
      { grant_types: [] },
      { client_secret: 'x'.repeat(40) },
      { client_secret: 'x'.repeat(40), description: 'x' },
      { client_authentication_methods: null },
      { client_authentication_methods: { private_key_jwt: { credentials: [{ id: made.key }] } } },
      { client_authentication_methods: { private_key_jwt: { credentials: [made.credential] } } },
      { callbacks: ['https://evil.test/cb'] },
      { web_origins: ['https://evil.test'] },
      { allowed_origins: ['https://evil.test'] },
      { allowed_logout_urls: ['https://evil.test'] },
      { allowed_clients: ['x'] },
      { client_aliases: ['x'] },
      { cross_origin_authentication: true },
      { initiate_login_uri: 'https://evil.test' },
      { is_first_party: true },
      { app_type: 'spa' },
      { refresh_token: { rotation_type: 'non-rotating', expiration_type: 'non-expiring' } },
      { jwt_configuration: { lifetime_in_seconds: 2_592_000 } },
      { require_proof_of_possession: false },
      { name: 'x' },
      { description: null },
      { a_member_of_tomorrow: true },
      {},
    ]),
  'DELETE /clients/:id': (made) => onApplications(made, '', [undefined]),
  'POST /clients/:id/rotate-secret': (made) =>
    onApplications(made, '/rotate-secret', [undefined, { previous_secret_lifetime: 60 }]),
  'DELETE /rolecall/clients/:id/secrets/previous': ({ automation, portal, dashboard }) =>
    [automation, portal, dashboard].map((id) => ({
      path: `/rolecall/clients/${id}/secrets/previous`,
      target: { type: 'client', id },
    })),
  'POST /clients/:id/credentials': (made) => onApplications(made, '/credentials', [made.credential]),
  'PATCH /clients/:id/credentials/:credential': ({ automation, key }) =>
    [{ expires_at: null }, { expires_at: '2020-01-01T00:00:00.000Z' }].map((body) => ({
      path: `/clients/${automation}/credentials/${key}`,
      body,
      target: { type: 'client', id: automation },
    })),
  'DELETE /clients/:id/credentials/:credential': ({ automation, key }) => [
    { path: `/clients/${automation}/credentials/${key}`, target: { type: 'client', id: automation } },
  ],

  'POST /client-grants': ({ audience, plainApplication }) =>
    ['client', 'user'].flatMap((subject_type) =>
      [{ scope: [beyond] }, { allow_all_scopes: true }].map((given) => ({
        path: '/client-grants',
        body: { client_id: plainApplication, audience, subject_type, ...given },
        target: { type: 'client', id: plainApplication },
      })),
    ),
  'PATCH /client-grants/:id': (made) =>
    onGrants(made, [
      { scope: [] },
      { scope: [beyond] },
      { allow_all_scopes: true },
      { allow_all_scopes: false },
      { organization_usage: 'allow' },
      {},
    ]),
  'DELETE /client-grants/:id': (made) => onGrants(made, [undefined]),

  'POST /connections': ({ automation, portal, dashboard, mightyRole, ownerRole }) => [
    ...[automation, portal, dashboard].map((id) => ({
      path: '/connections',
      body: { name: 'Mine', strategy: 'auth0', enabled_clients: [id] },
      target: { type: 'client', id },
    })),
    ...Object.entries({ Mighty: mightyRole, owner: ownerRole }).map(([name, id]) => ({
      path: '/connections',
      body: { name: 'Mine', strategy: 'oidc', options: providerOptions({ plain: 'Plain', admins: name }) },
      target: { type: 'role', id },
    })),
  ],
  'PATCH /connections/:id': (made) => [...onProviders(made), ...onDatabases(made)],
  'DELETE /connections/:id': ({ staff, mapped, linked }) => [
    { path: `/connections/${staff}` },
    { path: `/connections/${mapped}` },
    { path: `/connections/${linked}`, target: { type: 'connection', id: linked } },
  ],
  'PATCH /connections/:id/clients': ({
    connection,
    staff,
    automation,
    portal,
    dashboard,
    plainApplication,
    mapped,
    mightyRole,
  }) => [
    ...[automation, portal].map((client_id) => ({
      path: `/connections/${staff}/clients`,
      body: [
        { client_id: plainApplication, status: true },
        { client_id, status: false },
      ],
      target: { type: 'client', id: client_id },
    })),
    ...[false, true].map((status) => ({
      path: `/connections/${status ? staff : connection.id}/clients`,
      body: [{ client_id: dashboard, status }],
      target: { type: 'client', id: dashboard },
    })),
    {
      path: `/connections/${mapped}/clients`,
      body: [{ client_id: plainApplication, status: true }],
      target: { type: 'role', id: mightyRole },
    },
  ],

  'PUT /guardian/factors/:name': () => [{ path: '/guardian/factors/otp', body: { enabled: false } }],
  'PUT /guardian/policies': 'it changes one member of the policy, by the rule of the next route',
  'PATCH /rolecall/factor-policy': () => [
    { path: '/rolecall/factor-policy', body: { policy: 'never' } },
    { path: '/rolecall/factor-policy', body: { policy: 'required', factors: { otp: false } } },
  ],
  'PATCH /tenants/settings':
    'no setting decides who somebody is: default_directory is not read, a default_audience gives no scope without a client grant, and lifetimes hold for everybody alike',
  'POST /log-streams': 'its scopes let the caller read what it delivers',
  'PATCH /log-streams/:id':
    'its scopes let the caller read what it delivers; stored credentials stay with their server',
  'DELETE /log-streams/:id': 'a stream holds no management scope',
  'POST /rolecall/log-streams/:id/retry': 'it repeats a delivery to where the stream delivers',
  'POST /keys/signing/rotate': 'a key holds no management scope; tokens of the previous one stay good',
  'PUT /keys/signing/:kid/revoke': 'a key holds no management scope; it ends the tokens of everybody alike',
  'POST /tickets/password-change': (made) =>
    onTickets(made, { email: made.owner.email, connection_id: made.connection.id }),
  'POST /tickets/email-verification': (made) => onTickets(made),
  'POST /jobs/users-exports': 'it reads users; no password is exported',
  'POST /jobs/users-imports': 'each user of the file is taken or refused alone: see the test of it',
  'POST /jobs/verification-email': ({ owner }) => [
    { path: '/jobs/verification-email', body: { user_id: owner.userId }, target: targetOf(owner) },
  ],
  'POST /rolecall/users/assign-roles': 'each user is refused alone: see `users/bulk.test.ts`',
  'POST /rolecall/users/remove-roles': 'each user is refused alone: see `users/bulk.test.ts`',
  'POST /rolecall/users/block': 'each user is refused alone: see `users/bulk.test.ts`',
  'POST /rolecall/users/unblock': 'each user is refused alone: see `users/bulk.test.ts`',
  'POST /rolecall/undo': 'each change is refused alone: see `users/undo.test.ts`',
  'POST /authorization/explain': 'it changes nothing',
  'POST /authorization/claims': 'it changes nothing',
  'POST /authorization/preview': 'it changes nothing',
  'POST /rolecall/connections/:id/lazy-migration/check': 'it changes nothing',
  'POST /rolecall/connections/:id/provider/check': 'it changes nothing',
  'POST /authorization/changes': 'it makes the changes of other routes, which are also tried as a list',
  'POST /rolecall/call': 'it changes nothing here, and calls with a token that the caller has',
}

function onSystemApi({ managementApi, audience }: Protected, body: unknown): Attempt[] {
  return [managementApi, encodeURIComponent(audience)].map((id) => ({
    path: `/resource-servers/${id}`,
    body,
    errorCode: 'operation_not_allowed',
  }))
}

function onDatabases({ connection, staff, dashboard, automation }: Protected): Attempt[] {
  return [
    ...[
      { options: {} },
      { options: { ...connection.options, brute_force_protection: false } },
      { options: { ...connection.options, passwordPolicy: 'none' } },
      { options: { ...connection.options, a_member_of_tomorrow: true } },
      { authentication: { active: false } },
      { realms: ['x'] },
    ].map((body) => ({
      path: `/connections/${connection.id}`,
      body,
      target: { type: 'connection', id: connection.id },
    })),
    { path: `/connections/${connection.id}`, body: { enabled_clients: [] } },
    { path: `/connections/${staff}`, body: { enabled_clients: [automation] } },
    { path: `/connections/${staff}`, body: { enabled_clients: [dashboard] } },
  ]
}

/** The provider of `mapped` gives its users, who are no new ones, a role that holds more. The owner logs in at `linked`. */
function onProviders({ mapped, linked, mightyRole, plainApplication }: Protected): Attempt[] {
  const same = { ...providerOptions({ admins: 'Mighty' }), disable_signup: true }
  const changes = [
    { options: { ...same, disable_signup: false } },
    { options: { ...same, issuer: 'https://evil.example.com' } },
    { options: { ...same, client_id: 'mine' } },
    { options: { ...same, client_secret: 'mine' } },
    { options: { ...same, discovery_url: 'https://evil.example.com/.well-known/openid-configuration' } },
    { options: { ...same, trust_email_verified: true } },
    { options: { ...same, a_member_of_tomorrow: true } },
    { options: { ...same, role_mapping: null } },
    { options: { ...providerOptions({ me: 'Mighty' }), disable_signup: true } },
    { options: { ...providerOptions({ admins: 'Plain' }), disable_signup: true } },
    { enabled_clients: [plainApplication] },
  ].map((body) => ({
    path: `/connections/${mapped}`,
    body,
    target: { type: 'role', id: mightyRole },
  }))
  const unmapped = providerOptions({})
  const takeovers = [
    { options: { ...unmapped, issuer: 'https://evil.example.com' } },
    { options: { ...unmapped, client_id: 'mine' } },
    { options: { ...unmapped, attribute_map: { attributes: { email: '${context.tokenset.upn}' } } } },
  ].map((body) => ({
    path: `/connections/${linked}`,
    body,
    target: { type: 'connection', id: linked },
  }))
  return [...changes, ...takeovers]
}

function onRoles({ mightyRole, ownerRole }: Protected, path: string, bodies: unknown[]): Attempt[] {
  return [mightyRole, ownerRole].flatMap((id) =>
    bodies.map((body) => ({ path: `/roles/${id}${path}`, body, target: { type: 'role', id } })),
  )
}

function onOwner({ owner }: Protected, path: string, bodies: unknown[]): Attempt[] {
  return bodies.map((body) => ({ path: `${pathOf(owner)}${path}`, body, target: targetOf(owner) }))
}

function onApplications(
  { automation, portal, dashboard }: Protected,
  path: string,
  bodies: unknown[],
): Attempt[] {
  return [automation, portal, dashboard].flatMap((id) =>
    bodies.map((body) => ({ path: `/clients/${id}${path}`, body, target: { type: 'client', id } })),
  )
}

function onGrants(made: Protected, bodies: unknown[]): Attempt[] {
  const { automation, portal, automationGrant, ordersGrant, portalGrant } = made
  return Object.entries({
    [automationGrant]: automation,
    [ordersGrant]: automation,
    [portalGrant]: portal,
  }).flatMap(([grant, id]) =>
    bodies.map((body) => ({ path: `/client-grants/${grant}`, body, target: { type: 'client', id } })),
  )
}

function onTickets({ owner }: Protected, ...bodies: unknown[]): Attempt[] {
  return [{ user_id: owner.userId }, ...bodies].map((body) => ({
    path: '',
    body,
    target: targetOf(owner),
  }))
}

const pathOf = ({ userId }: { userId: string }) => `/users/${encodeURIComponent(userId)}`
const targetOf = ({ userId }: { userId: string }) => ({ type: 'user', id: userId })
