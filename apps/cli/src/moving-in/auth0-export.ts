import type { Desired, DesiredConnection, DesiredGrant } from '../tenant/desired.ts'

type DesiredClient = NonNullable<Desired['clients']>[number]

/** What an export of Auth0 becomes here, and what does not map. */
export interface Mapped {
  desired: Desired
  /** A sentence for each thing that was left out or changed. */
  report: string[]
}

/** Grant types of this server: docs/parameters.md. */
const grantTypes = new Set([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
])
/** Options of a database that run code or name it. */
const customOptions = new Set([
  'customScripts',
  'import_mode',
  'enabledDatabaseCustomization',
  'configuration',
  'bareConfiguration',
])
/** The Management API of the old tenant. */
const oldManagementApi = /^https:\/\/[^/]+\/api\/v2\/$/

/**
 * Maps a configuration of auth0-deploy-cli. Objects are changed only where this server would refuse or ignore them, and each
 * change is reported.
 */
export function mapAuth0Export(
  desired: Desired,
  managementApi: { identifier: string; scopes: readonly string[] },
): Mapped {
  const report: string[] = []
  const say = (text: string) => void report.push(text)
  return {
    desired: {
      ...desired,
      ...(desired.clients && { clients: desired.clients.map((client) => mapClient(client, say)) }),
      ...(desired.clientGrants && {
        clientGrants: desired.clientGrants.map((grant) => mapGrant(grant, managementApi, say)),
      }),
      ...(desired.databases && {
        databases: desired.databases.map((database) => mapDatabase(database, say)),
      }),
      ...(desired.connections && {
        connections: desired.connections.map((connection) => mapConnection(connection, say)),
      }),
      ...(desired.resourceServers && {
        resourceServers: desired.resourceServers.filter(
          ({ identifier }) => !oldManagementApi.test(identifier),
        ),
      }),
    },
    report,
  }
}

type Say = (text: string) => void

function mapClient(client: DesiredClient, say: Say): DesiredClient {
  const { name } = client
  const types = textsIn(client['grant_types'])
  const unknown = types.filter((type) => !grantTypes.has(type))
  if (unknown.length > 0)
    say(
      `The application ${name} loses the grant types ${unknown.join(', ')}, which this server does not have.`,
    )
  const mapped: DesiredClient = {
    ...client,
    ...(unknown.length > 0 && { grant_types: types.filter((type) => grantTypes.has(type)) }),
  }
  for (const member of ['callbacks', 'allowed_logout_urls']) {
    const urls = textsIn(client[member])
    const patterns = urls.filter((url) => /[*{}]/.test(url))
    if (patterns.length === 0) continue
    say(
      `The application ${name} loses ${patterns.join(', ')} of ${member}: addresses are compared whole, without *.`,
    )
    mapped[member] = urls.filter((url) => !patterns.includes(url))
  }
  return mapped
}

function mapGrant(
  grant: DesiredGrant,
  { identifier, scopes }: { identifier: string; scopes: readonly string[] },
  say: Say,
): DesiredGrant {
  if (!oldManagementApi.test(grant.audience)) return grant
  const asked = grant.scope ?? []
  const missing = asked.filter((scope) => !scopes.includes(scope))
  if (missing.length > 0)
    say(
      `The grant of ${grant.client_id} on the Management API loses ${missing.length} of ${asked.length} scopes that this server does not have: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}.`,
    )
  return { ...grant, audience: identifier, scope: asked.filter((scope) => scopes.includes(scope)) }
}

/** Auth0's default for OpenID Connect takes the ID token from the browser and needs no secret. */
function mapConnection(connection: DesiredConnection, say: Say): DesiredConnection {
  const { name, options } = connection
  if (options?.['type'] !== 'front_channel') return connection
  say(
    `The connection ${name} exchanges a code with a client secret (back_channel), because ID tokens are not taken from the browser (front_channel): allow it at the provider.`,
  )
  return { ...connection, options: { ...options, type: 'back_channel' } }
}

function mapDatabase(database: DesiredConnection, say: Say): DesiredConnection {
  const options = Object.entries(database.options ?? {})
  const left = options.filter(([name]) => customOptions.has(name)).map(([name]) => name)
  if (left.length === 0) return database
  if (left.includes('customScripts'))
    say(
      `The scripts of the database ${database.name} are left out: nothing runs in a log-in. A lazy migration asks the server that they asked.`,
    )
  return { ...database, options: Object.fromEntries(options.filter(([name]) => !left.includes(name))) }
}

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
