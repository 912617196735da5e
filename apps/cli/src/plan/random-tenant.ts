import {
  type Arbitrary,
  array,
  boolean,
  constantFrom,
  dictionary,
  integer,
  option,
  record,
  string,
  subarray,
  uniqueArray,
} from 'fast-check'
import type { Desired } from '../tenant/desired.ts'

/** Random configurations in the form of files: names with spaces, quotes and other scripts, and every kind of object. */

const text = (maxLength: number) =>
  string({ unit: constantFrom(...Array.from('abcXYZ019 -_.:"\'#&@!%ßéñ日本語✓')), minLength: 1, maxLength })
    .map((value) => value.trim())
    .filter((value) => value !== '' && !/^##|@@|##/.test(value))
const permission = constantFrom(
  ...['read', 'write', 'delete', 'export'].flatMap((verb) =>
    ['orders', 'users', 'files'].map((noun) => `${verb}:${noun}`),
  ),
)
const names = (maxLength: number) =>
  uniqueArray(text(30), { maxLength, selector: (name) => name.normalize('NFKC').toLowerCase() })
const url = constantFrom('a', 'b', 'c').map((name) => `https://${name}.example.com/callback`)

const apis = uniqueArray(constantFrom('orders', 'files', 'people', 'things'), { maxLength: 3 }).chain((ids) =>
  arrayOf(ids, (id) =>
    record({
      name: text(30),
      scopes: uniqueArray(record({ value: permission, description: option(text(20), { nil: '' }) }), {
        selector: ({ value }) => value,
        maxLength: 6,
      }),
      enforce_policies: boolean(),
      token_dialect: constantFrom('access_token', 'access_token_authz', 'rfc9068_profile'),
      token_lifetime: integer({ min: 7_200, max: 2_592_000 }),
      allow_offline_access: boolean(),
      skip_consent_for_verifiable_first_party_clients: boolean(),
      signing_alg: constantFrom('RS256', 'HS256'),
    }).map((api) => Object.assign(api, { identifier: `https://${id}.example.com` })),
  ),
)

/** One value for each item of a list. */
function arrayOf<A, B>(items: readonly A[], of: (item: A) => Arbitrary<B>): Arbitrary<B[]> {
  return items.reduce<Arbitrary<B[]>>(
    (all, item) => all.chain((list) => of(item).map((one) => list.concat([one]))),
    constantFrom([]),
  )
}

const client = (name: string) =>
  record(
    {
      app_type: constantFrom('spa', 'native', 'regular_web', 'non_interactive'),
      description: text(60),
      callbacks: uniqueArray(url, { maxLength: 3 }),
      allowed_logout_urls: uniqueArray(url, { maxLength: 2 }),
      is_first_party: boolean(),
      client_metadata: dictionary(constantFrom('team', 'tier', 'owner'), text(20), { maxKeys: 3 }),
      jwt_configuration: record({ lifetime_in_seconds: integer({ min: 60, max: 36_000 }) }),
      oidc_conformant: boolean(),
    },
    { requiredKeys: ['app_type'] },
  ).map((rest) => Object.assign(rest, { name }))

const provider = (name: string, { roleNames, clientNames }: { roleNames: string[]; clientNames: string[] }) =>
  record({
    display_name: text(20),
    enabled_clients: subarray(clientNames),
    options: record({
      client_id: constantFrom('one', 'two'),
      scope: constantFrom('openid email', 'openid profile email groups'),
      token_endpoint_auth_method: constantFrom('none', 'private_key_jwt'),
      trust_email_verified: boolean(),
      set_user_root_attributes: constantFrom('on_each_login', 'on_first_login'),
      role_mapping: record({
        claim: constantFrom('groups', 'https://example.com/roles'),
        roles: subarray(roleNames).map((some) => some.map((role) => ({ value: `all of ${role}`, role }))),
      }),
    }),
  }).map(({ options, ...rest }) =>
    Object.assign(rest, {
      name,
      strategy: name === 'github' ? 'github' : 'oidc',
      options: name === 'github' ? options : { ...options, issuer: 'https://id.example.com' },
    }),
  )

export const randomDesired: Arbitrary<Desired> = record({
  apis,
  roleNames: names(4),
  clientNames: names(4),
  settings: record(
    {
      friendly_name: text(30),
      session_lifetime: integer({ min: 1, max: 300 }),
      allowed_logout_urls: uniqueArray(url, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
}).chain(({ apis: resourceServers, roleNames, clientNames, settings }) => {
  const refs = resourceServers.flatMap(({ identifier, scopes }) =>
    scopes.map(({ value }) => ({ permission_name: value, resource_server_identifier: identifier })),
  )
  const pairs = clientNames.flatMap((name) => resourceServers.map((api) => ({ name, api })))
  return record({
    roles: arrayOf(roleNames, (name) =>
      record({ description: option(text(40), { nil: '' }), permissions: subarray(refs) }).map((rest) =>
        Object.assign(rest, { name }),
      ),
    ),
    clients: arrayOf(clientNames, client),
    clientGrants: subarray(pairs).chain((chosen) =>
      arrayOf(chosen, ({ name, api }) =>
        record({
          scope: subarray(api.scopes.map(({ value }) => value)),
          subject_type: constantFrom('client' as const, 'user' as const),
        }).map((rest) => Object.assign(rest, { client_id: name, audience: api.identifier })),
      ),
    ),
    databases: uniqueArray(constantFrom('customers', 'staff', 'partners'), { maxLength: 2 }).chain(
      (databases) =>
        arrayOf(databases, (name) =>
          record({
            enabled_clients: subarray(clientNames),
            options: record({
              passwordPolicy: constantFrom('low', 'fair', 'good'),
              disable_signup: boolean(),
              brute_force_protection: boolean(),
            }),
          }).map((rest) => Object.assign(rest, { name, strategy: 'auth0' })),
        ),
    ),
    connections: uniqueArray(constantFrom('partner', 'github', 'other-rolecall'), { maxLength: 2 }).chain(
      (connections) => arrayOf(connections, (name) => provider(name, { roleNames, clientNames })),
    ),
  }).map((rest) => Object.assign(rest, { tenant: settings, resourceServers }))
})

/** Users with roles, by the index of the role. */
export const randomUsers = array(
  record({ roles: array(integer({ min: 0, max: 3 }), { maxLength: 3 }), blocked: boolean() }),
  { maxLength: 6 },
)
