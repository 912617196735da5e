import type { ConnectionCreate } from '@rolecall/contract'
import {
  addPermissionsToRole,
  type Context,
  createApi,
  createApplication,
  createClientGrant,
  createConnection,
  createRole,
  transaction,
} from '@rolecall/server/test-kit'

/** An API with a permission, a role that holds it, two applications, a grant, a database and two other providers. */
export async function addObjects(ctx: Context, name: string): Promise<void> {
  const identifier = `https://${name}.example.com`
  const api = await transaction(ctx, (tx) =>
    createApi(tx, ctx.sealer, {
      identifier,
      name: `${name} API`,
      enforcePolicies: true,
      tokenDialect: 'access_token_authz',
      allowOfflineAccess: true,
      tokenLifetime: 3_600,
      permissions: [
        { value: `write:${name}`, description: 'Write' },
        { value: `read:${name}`, description: 'Read' },
      ],
    }),
  )
  const role = await transaction(ctx, (tx) =>
    createRole(tx, { name: `${name} clerk`, description: 'May read' }),
  )
  await transaction(ctx, (tx) =>
    addPermissionsToRole(tx, role.id, [{ api: identifier, permission: `read:${name}` }]),
  )
  const { application: spa } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: `${name} SPA`,
      app_type: 'spa',
      callbacks: [`${identifier}/callback`],
      allowed_logout_urls: [identifier],
      web_origins: [identifier],
      client_metadata: { team: name },
    }),
  )
  const { application: worker } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: `${name} worker`,
      app_type: 'non_interactive',
    }),
  )
  await transaction(ctx, (tx) =>
    createClientGrant(tx, {
      clientId: worker.clientId,
      apiId: api.id,
      scope: [`write:${name}`, `read:${name}`],
    }),
  )
  await transaction(ctx, (tx) =>
    createConnection(
      tx,
      ctx,
      {
        name: `${name}-customers`,
        strategy: 'auth0',
        options: {
          passwordPolicy: 'good',
          disable_signup: true,
          lazy_migration: {
            source: 'auth0',
            enabled: true,
            domain: 'tenant.eu.auth0.com',
            client_id: 'a-client',
            client_secret: 'a-secret-of-the-other-tenant',
            realm: 'Username-Password-Authentication',
          },
        },
        enabled_clients: [spa.clientId],
      },
      async () => {},
    ),
  )
  for (const connection of providers(name, spa.clientId))
    await transaction(ctx, (tx) => createConnection(tx, ctx, connection, async () => {}))
}

const providers = (name: string, clientId: string): ConnectionCreate[] => [
  {
    name: `${name}-partner`,
    strategy: 'oidc',
    display_name: `${name} partner`,
    show_as_button: true,
    options: {
      type: 'back_channel',
      client_id: 'rolecall-at-the-partner',
      client_secret: 'a-secret-of-the-partner',
      discovery_url: 'https://id.example.com/.well-known/openid-configuration',
      scope: 'openid profile email groups',
      connection_settings: { pkce: 'auto' },
      attribute_map: {
        mapping_mode: 'use_map',
        attributes: { name: '${context.tokenset.name}', email: '${context.tokenset.email}' },
      },
      role_mapping: { claim: 'groups', roles: [{ value: 'clerks', role: `${name} clerk` }] },
    },
    enabled_clients: [clientId],
  },
  {
    name: `${name}-github`,
    strategy: 'github',
    options: {
      client_id: 'rolecall-at-github',
      client_secret: 'a-secret-of-github',
      email: true,
      scope: ['user:email'],
      set_user_root_attributes: 'on_first_login',
    },
    enabled_clients: [clientId],
  },
]
