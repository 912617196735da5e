/** Name of the Management API. Auth0's tools recognise the API by this name. */
export const managementApiName = 'Auth0 Management API'

/** The audience of the Management API under an issuer (with its trailing slash). */
export const managementAudience = (issuer: string): string => `${issuer}api/v2/`

const verbs = { read: 'Read', create: 'Create', update: 'Update', delete: 'Delete' } as const

const resources: [noun: string, title: string, ...verbs: (keyof typeof verbs)[]][] = [
  ['resource_servers', 'APIs', 'read', 'create', 'update', 'delete'],
  ['roles', 'roles', 'read', 'create', 'update', 'delete'],
  ['role_members', 'who holds a role', 'read', 'create', 'delete'],
  ['users', 'users', 'read', 'create', 'update', 'delete'],
  ['users_app_metadata', "users' app metadata", 'read', 'create', 'update', 'delete'],
  ['user_effective_permissions', 'what a user may do, and through what', 'read'],
  ['user_effective_roles', 'which roles a user has, and through what', 'read'],
  ['user_tickets', 'one-time links for users', 'create'],
  ['sessions', 'sessions', 'read', 'delete'],
  ['refresh_tokens', 'refresh tokens', 'read', 'delete'],
  ['clients', 'applications', 'read', 'create', 'update', 'delete'],
  ['client_summary', 'names of applications', 'read'],
  ['client_keys', 'secrets of applications', 'read', 'create', 'update', 'delete'],
  ['client_credentials', 'keys of applications', 'read', 'create', 'update', 'delete'],
  ['client_grants', "applications' access to APIs", 'read', 'create', 'update', 'delete'],
  ['grants', 'what users allow applications', 'read', 'delete'],
  ['connections', 'connections', 'read', 'create', 'update', 'delete'],
  ['tenant_settings', 'settings of the tenant', 'read', 'update'],
  ['logs', 'logs', 'read'],
  ['logs_users', 'logs of one user', 'read'],
  ['log_streams', 'log streams', 'read', 'create', 'update', 'delete'],
  ['signing_keys', 'signing keys', 'read', 'create', 'update'],
  ['stats', 'statistics', 'read'],
  ['organizations', 'organizations', 'read'],
  ['actions', 'actions', 'read'],
  ['attack_protection', 'attack protection', 'read'],
  ['branding', 'branding', 'read'],
  ['custom_domains', 'custom domains', 'read'],
  ['event_streams', 'event streams', 'read'],
  ['flows', 'flows', 'read'],
  ['flows_vault_connections', 'vault connections', 'read'],
  ['forms', 'forms', 'read'],
  ['authentication_methods', "users' second factors and passkeys", 'read', 'update', 'delete'],
  ['guardian_factors', 'factors', 'read', 'update'],
  ['mfa_policies', 'policies of second factors', 'read', 'update'],
  ['phone_providers', 'phone providers', 'read'],
  ['phone_templates', 'phone templates', 'read'],
  ['prompts', 'prompts', 'read'],
  ['rules', 'rules', 'read'],
  ['rules_configs', 'settings of rules', 'read'],
  ['self_service_profiles', 'self-service profiles', 'read'],
  ['token_exchange_profiles', 'token exchange profiles', 'read'],
]

/** Every permission of the Management API. A user who holds all of them is an owner of the tenant. */
export const managementScopes: readonly { value: string; description: string }[] = resources.flatMap(
  ([noun, title, ...allowed]) =>
    allowed.map((verb) => ({ value: `${verb}:${noun}`, description: `${verbs[verb]} ${title}` })),
)
