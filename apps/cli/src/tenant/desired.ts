import { z } from 'zod'
import { UsageError } from '../errors.ts'

/** The configuration that files describe, in the form of auth0-deploy-cli. A section that is absent is left alone. */

const named = z.looseObject({ name: z.string().min(1) })
const permission = z.looseObject({ permission_name: z.string(), resource_server_identifier: z.string() })
const scopes = z.array(z.looseObject({ value: z.string(), description: z.string().nullish() }))
const role = named.extend({
  description: z.string().nullish(),
  permissions: z.array(permission).nullish(),
})
const api = z.looseObject({
  identifier: z.string().min(1),
  name: z.string().optional(),
  scopes: scopes.nullish(),
})
const grant = z.looseObject({
  client_id: z.string().min(1),
  audience: z.string().min(1),
  scope: z.array(z.string()).nullish(),
  subject_type: z.enum(['client', 'user']).nullish(),
})
const connection = named.extend({
  strategy: z.string().optional(),
  enabled_clients: z.array(z.string()).nullish(),
  options: z.looseObject({}).nullish(),
})

const schema = z.looseObject({
  tenant: z.looseObject({}).nullish(),
  resourceServers: z.array(api).nullish(),
  roles: z.array(role).nullish(),
  clients: z.array(named).nullish(),
  clientGrants: z.array(grant).nullish(),
  databases: z.array(connection).nullish(),
  connections: z.array(connection).nullish(),
})

export type Desired = z.output<typeof schema>
export type DesiredApi = z.output<typeof api>
export type DesiredRole = z.output<typeof role>
export type DesiredGrant = z.output<typeof grant>
/** A database, or a connection to another provider. */
export type DesiredConnection = z.output<typeof connection>

/** The sections, in the order in which files have them. */
export const sections = [
  'tenant',
  'resourceServers',
  'roles',
  'clients',
  'clientGrants',
  'databases',
  'connections',
] as const

/**
 * @param content of a file, or of a folder of files
 * @param source for messages
 * @returns the configuration, and warnings about what is left out
 * @throws UsageError that names what is wrong
 */
export function parseDesired(content: unknown, source: string): { desired: Desired; warnings: string[] } {
  const { data, error } = schema.safeParse(content ?? {})
  if (error) {
    const [issue] = error.issues
    throw new UsageError(`${source}: ${issue?.path.join('.')}: ${issue?.message}.`)
  }
  refuseRepeated(source, 'resourceServers', data.resourceServers, ({ identifier }) => identifier)
  refuseRepeated(source, 'roles', data.roles, ({ name }) => name.toLowerCase())
  refuseRepeated(source, 'clients', data.clients, ({ name }) => name)
  refuseRepeated(source, 'databases', data.databases, ({ name }) => name)
  refuseRepeated(source, 'connections', data.connections, ({ name }) => name)
  refuseRepeated(source, 'clientGrants', data.clientGrants, grantKey)
  const others = Object.entries(data).filter(
    ([name, value]) => !sections.some((section) => section === name) && hasContent(value),
  )
  const warnings = others.map(([name]) => `${name} is no part of what rolecall manages, and is left out`)
  return { desired: data, warnings }
}

/** What identifies a grant: one application has one for each API and kind of subject. */
export function grantKey(one: {
  client_id: string
  audience: string
  subject_type?: string | null | undefined
}) {
  return JSON.stringify([one.client_id, one.audience, one.subject_type ?? 'client'])
}

function refuseRepeated<T>(
  source: string,
  section: string,
  items: readonly T[] | null | undefined,
  keyOf: (item: T) => string,
): void {
  const seen = new Set<string>()
  for (const item of items ?? []) {
    const key = keyOf(item)
    if (seen.has(key)) throw new UsageError(`${source}: ${section} has ${key} twice.`)
    seen.add(key)
  }
}

const hasContent = (value: unknown) =>
  Array.isArray(value)
    ? value.length > 0
    : typeof value === 'object' && value !== null && Object.keys(value).length > 0
